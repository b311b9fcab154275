"""Two doors and no third: what is forbidden and what is missing are one and the same behind both of them."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from accounts.models import User
from accounts.roles import CONTROLLER_ROLES, Role
from accounts.services import change_user, end_membership
from audit.models import Entry
from cpdisclose.local.postgres import Cluster
from disclosures.models import Request, SearchTask
from disclosures.selectors import NotThere, request_for, search_task_for, searches_visible_to, visible_to
from disclosures.services.access import exclude_person, restrict_request
from disclosures.states import Perm, State
from tests.every_state import NAMED, Everything, desk_with_everything, employ, undone

ABSENT = "CP-2222-2222"


@pytest.fixture(scope="module")
def desk(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Everything]:
    with django_db_blocker.unblock(), desk_with_everything(cluster) as made:
        yield made


@pytest.fixture(autouse=True)
def _rolled_back(desk: Everything) -> Iterator[None]:
    with undone():
        yield


def knock(user: User, reference: str, desk: Everything, perm: Perm = Perm.VIEW) -> dict[str, Any]:
    """Asks at the door, which stays shut; the entry that this left."""
    before = set(Entry.objects.values_list("pk", flat=True))
    with pytest.raises(NotThere) as raised:
        request_for(user, reference, perm, desk.world.now)
    assert raised.value.args == (), "the exception itself tells nothing"
    (entry,) = Entry.objects.exclude(pk__in=before)
    assert entry.log == "main"
    return dict(json.loads(bytes(entry.body)))


def of_one_kind(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry without what must differ: its own id and instant, who asked, and the digest of what for."""
    assert re.fullmatch("[0-9a-f]{64}", entry["detail"]["asked_for"])
    return entry | {"id": 0, "at": "", "actor": {"ref": ""}, "detail": entry["detail"] | {"asked_for": ""}}


# Who finds nothing -----------------------------------------------------------------------------


def _without_the_permission(desk: Everything) -> tuple[User, str, Perm]:
    return desk.colleagues[Role.ADMIN], desk.plain[State.IN_REVIEW].reference, Perm.VIEW


def _may_see_but_not_this(desk: Everything) -> tuple[User, str, Perm]:
    return desk.colleagues[Role.INTAKE_CLERK], desk.plain[State.IN_REVIEW].reference, Perm.REVIEW


def _excluded(desk: Everything) -> tuple[User, str, Perm]:
    return desk.excluded, desk.plain[State.IN_REVIEW].reference, Perm.VIEW


def _excluded_member(desk: Everything) -> tuple[User, str, Perm]:
    request, person = desk.secret[State.IN_REVIEW], desk.members[Role.HANDLER]
    exclude_person(
        request_id=request.pk, person=person, reason="A friend.", actor=desk.world["head"], now=desk.world.now
    )
    return person, request.reference, Perm.VIEW


def _outside_the_compartment(desk: Everything) -> tuple[User, str, Perm]:
    return desk.colleagues[Role.HANDLER], desk.secret[State.IN_REVIEW].reference, Perm.VIEW


def _gone(desk: Everything) -> tuple[User, str, Perm]:
    person = desk.colleagues[Role.HANDLER]
    change_user(user_id=person.pk, display_name="Gone", is_active=False, actor=None, now=desk.world.now)
    return person, desk.plain[State.IN_REVIEW].reference, Perm.VIEW


def _member_gone(desk: Everything) -> tuple[User, str, Perm]:
    person = desk.members[Role.HANDLER]
    change_user(user_id=person.pk, display_name="Gone", is_active=False, actor=None, now=desk.world.now)
    return person, desk.secret[State.IN_REVIEW].reference, Perm.VIEW


def _out_of_office(desk: Everything) -> tuple[User, str, Perm]:
    person = desk.colleagues[Role.HANDLER]
    _end_all_roles(person, desk)
    return person, desk.plain[State.IN_REVIEW].reference, Perm.VIEW


def _member_out_of_office(desk: Everything) -> tuple[User, str, Perm]:
    """Whoever left the company left its secrets behind."""
    person = desk.members[Role.HANDLER]
    _end_all_roles(person, desk)
    return person, desk.secret[State.IN_REVIEW].reference, Perm.VIEW


def _elsewhere(desk: Everything) -> tuple[User, str, Perm]:
    return desk.elsewhere, desk.plain[State.IN_REVIEW].reference, Perm.VIEW


def _superuser(desk: Everything) -> tuple[User, str, Perm]:
    return desk.superuser, desk.plain[State.IN_REVIEW].reference, Perm.VIEW


def _the_clock(desk: Everything) -> tuple[User, str, Perm]:
    return desk.world["head"], desk.plain[State.IN_REVIEW].reference, Perm.SYSTEM


def _missing(desk: Everything) -> tuple[User, str, Perm]:
    return desk.colleagues[Role.HANDLER], ABSENT, Perm.VIEW


SHUT = (
    _without_the_permission, _may_see_but_not_this, _excluded, _excluded_member, _outside_the_compartment, _gone,
    _member_gone, _out_of_office, _member_out_of_office, _elsewhere, _superuser, _the_clock, _missing,
)  # fmt: skip


def _end_all_roles(person: User, desk: Everything) -> None:
    for membership in person.memberships.all():
        end_membership(membership_id=membership.pk, at=desk.world.now, actor=None, now=desk.world.now)


@pytest.mark.parametrize("case", SHUT, ids=lambda case: case.__name__.strip("_"))
def test_forbidden_and_missing_are_one_to_whoever_asks_and_to_the_log(desk: Everything, case: Any) -> None:
    user, reference, perm = case(desk)
    entry = knock(user, reference, desk, perm)
    assert entry["actor"] == {"ref": user.ref}
    assert of_one_kind(entry) == of_one_kind(knock(desk.colleagues[Role.APPROVER], ABSENT, desk))
    assert reference not in json.dumps(entry)
    assert (
        reference not in visible_to(user, desk.world.now).values_list("reference", flat=True)
        or perm is not Perm.VIEW
    )


def test_the_door_opens_for_whoever_may(desk: Everything) -> None:
    """Otherwise a door that is always shut would pass all the others."""
    for state in State:
        request = desk.plain[state]
        assert (
            request_for(desk.colleagues[Role.HANDLER], request.reference, Perm.VIEW, desk.world.now)
            == request
        )
        secret = desk.secret[state]
        assert request_for(desk.members[Role.HANDLER], secret.reference, Perm.VIEW, desk.world.now) == secret


def test_the_digest_tells_two_questions_apart_and_nothing_else(desk: Everything) -> None:
    asked = [
        knock(user, reference, desk)["detail"]["asked_for"]
        for user in (desk.elsewhere, desk.superuser)
        for reference in (ABSENT, desk.plain[State.DRAFT].reference)
    ]
    assert asked[:2] == asked[2:], "the same question has the same digest, whoever asks"
    assert asked[0] != asked[1]


# How long it takes to find nothing ---------------------------------------------------------------


def questions(user: User, reference: str, desk: Everything) -> list[str]:
    """What the database is asked, without the values."""
    with (
        CaptureQueriesContext(connection) as captured,
        pytest.raises(NotThere),
    ):
        request_for(user, reference, Perm.VIEW, desk.world.now)
    asked = [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
    return [re.sub(r"'[^']*'|\\x[0-9a-f]+|\b\d+\b", "?", sql) for sql in asked]


@pytest.mark.parametrize("state", [State.DRAFT, State.PENDING_APPROVAL, State.CLOSED])
def test_the_database_is_asked_the_same_of_a_secret_a_forbidden_and_an_absent_request(
    desk: Everything, state: State
) -> None:
    handler = desk.colleagues[Role.HANDLER]
    questions(handler, ABSENT, desk)
    absent = questions(handler, ABSENT, desk)
    assert absent
    assert not any('FROM "disclosures_request"' in sql for sql in absent), (
        "the row of the request itself is never touched"
    )
    assert questions(handler, desk.secret[state].reference, desk) == absent
    assert questions(desk.excluded, ABSENT, desk) == questions(
        desk.excluded, desk.plain[state].reference, desk
    )
    assert questions(desk.elsewhere, ABSENT, desk) == questions(
        desk.elsewhere, desk.plain[state].reference, desk
    )


# The list and the door agree ---------------------------------------------------------------------


def opens(user: User, request: Request, desk: Everything) -> bool:
    try:
        return request_for(user, request.reference, Perm.VIEW, desk.world.now) == request
    except NotThere:
        return False


def test_the_list_holds_exactly_what_the_door_opens_for_everybody_in_every_state(desk: Everything) -> None:
    requests = [*desk.plain.values(), *desk.secret.values()]
    others = (desk.excluded, desk.superuser, desk.elsewhere)
    agreed = 0
    for user in (*desk.colleagues.values(), *desk.members.values(), *others):
        listed = set(visible_to(user, desk.world.now))
        assert listed == {request for request in requests if opens(user, request, desk)}, user
        agreed += len(listed)
    assert agreed == 3 * READERS * len(State), (
        "colleagues and members what is open to the desk, members their secrets"
    )


READERS = 8
ROLES = st.sets(st.sampled_from(sorted(CONTROLLER_ROLES)), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    roles=ROLES, ended=st.booleans(), active=st.booleans(), excluded=st.sets(st.sampled_from(sorted(State)), max_size=3),
    named=st.sets(st.sampled_from([State.DRAFT, State.SUBMITTED, State.PENDING_APPROVAL]), max_size=2), data=st.data(),
)  # fmt: skip
def test_the_list_and_the_door_agree_whatever_somebody_is(
    desk: Everything,
    roles: set[Role],
    ended: bool,
    active: bool,
    excluded: set[State],
    named: set[State],
    data: st.DataObject,
) -> None:
    """Any roles, ended or not; an open account or a closed one; kept out of some requests and named to others."""
    with undone():
        now = desk.world.now
        person = employ(desk.world, "anybody", *sorted(roles))
        head = desk.world["head"]
        if able := sorted(roles & set(NAMED)):
            role = data.draw(st.sampled_from(able))
            members: dict[User, str] = {person: role, desk.world["mlro"]: Role.MLRO}
            for state in named:
                restrict_request(
                    request_id=desk.plain[state].pk,
                    members=members,
                    reason="Named.",
                    actor=head,
                    now=now,
                )
        for state in (excluded & OPEN) - (named if able else set()):
            exclude_person(
                request_id=desk.plain[state].pk, person=person, reason="Kept out.", actor=head, now=now
            )
        if ended:
            _end_all_roles(person, desk)
        if not active:
            change_user(user_id=person.pk, display_name="Anybody", is_active=False, actor=None, now=now)
        requests = [*desk.plain.values(), desk.secret[State.DRAFT], desk.secret[State.CLOSED]]
        assert set(visible_to(person, now)) == {
            request for request in requests if opens(person, request, desk)
        }
        if ended or not active:
            assert not visible_to(person, now).exists()


OPEN = {State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.PENDING_APPROVAL}


# Search tasks ------------------------------------------------------------------------------------


def test_a_search_task_is_behind_the_same_door(desk: Everything) -> None:
    now = desk.world.now
    task = SearchTask.objects.filter(request__state=State.CLOSED).first()
    assert task, "somebody searched on the way"
    for user in (
        desk.colleagues[Role.HANDLER],
        desk.colleagues[Role.DATA_HOLDER],
        desk.elsewhere,
        desk.superuser,
    ):
        assert not searches_visible_to(user, now).filter(pk=task.pk).exists()
        before = Entry.objects.filter(event="access.missed").count()
        with pytest.raises(NotThere):
            search_task_for(user, task.reference, now)
        assert Entry.objects.filter(event="access.missed").count() == before + 1


def test_asking_later_than_a_role_lasts_finds_nothing(desk: Everything) -> None:
    person, request = desk.colleagues[Role.HANDLER], desk.plain[State.IN_REVIEW]
    tomorrow = desk.world.now + timedelta(days=1)
    for membership in person.memberships.all():
        end_membership(membership_id=membership.pk, at=tomorrow, actor=None, now=desk.world.now)
    assert request_for(person, request.reference, Perm.VIEW, tomorrow - timedelta(seconds=1)) == request
    with pytest.raises(NotThere):
        request_for(person, request.reference, Perm.VIEW, tomorrow)
