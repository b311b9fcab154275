"""Members of a compartment: named for a reason and a time, ended at their time, and never fewer than two."""

from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from accounts.models import Membership
from accounts.roles import Role
from accounts.services import end_membership
from audit.models import Entry
from disclosures.demo_kinds import OrderRoad
from disclosures.models import CompartmentMember, Request, RequestUserGrant
from disclosures.permissions import may, permission_ids
from disclosures.selectors import NotThere, visible_to
from disclosures.services import ActionRefused
from disclosures.services.access import exclude_person, restrict_request
from disclosures.services.compartment import add_member, end_member, extend_member
from disclosures.services.lapsing import keep_compartments, renew_keepers_grants
from disclosures.services.secrecy import remind_of_secrecy, set_secrecy_review
from disclosures.states import Perm, State
from tests.disposal_desk import closed, destroy, later
from tests.services.clock_desk import delivered
from tests.services.log_lines import entries, last
from tests.world import World

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def secret(world: World) -> Request:
    """Known to the head of legal, a handler and an approver."""
    request = world.request_in(State.IN_REVIEW)
    named = {world["handler"]: "HANDLER", world["approver"]: "APPROVER"}
    return restrict_request(
        request_id=request.pk, members=named, reason="An order forbids telling.", actor=world["head"], now=world.now
    )  # fmt: skip


def add(world: World, request: Request, key: str, role: str, **time: datetime | None) -> CompartmentMember:
    return add_member(
        request_id=request.pk, person=world[key], member_role=role, reason="Has a part in the work.",
        actor=world["head"], now=world.now, **{"until": None, **time},
    )  # fmt: skip


def row_of(world: World, request: Request, key: str) -> CompartmentMember:
    return CompartmentMember.objects.get(request=request, user=world[key], ended_at=None)


def extend(
    world: World, request: Request, key: str, until: datetime | None, reason: str = "More to do."
) -> CompartmentMember:
    member = row_of(world, request, key)
    return extend_member(
        request_id=request.pk, member_id=member.pk, until=until, reason=reason, actor=world["head"], now=world.now
    )  # fmt: skip


def end(world: World, request: Request, key: str, who: str = "head") -> Request:
    member = row_of(world, request, key)
    return end_member(request_id=request.pk, member_id=member.pk, actor=world[who], now=world.now)


def seers(world: World, request: Request, now: datetime) -> set[str]:
    found = {key for key in world.people if may(world[key], request.reference, Perm.VIEW, now)}
    listed = {key for key in world.people if visible_to(world[key], now).filter(pk=request.pk).exists()}
    assert found == listed
    return found


def test_a_membership_ends_at_its_instant_whether_or_not_the_sweep_has_come(
    world: World, secret: Request
) -> None:
    until = world.now + DAY
    add(world, secret, "lead", "TEAM_LEAD", until=until)
    assert "lead" in seers(world, secret, until - SECOND)
    assert "lead" not in seers(world, secret, until)


def test_the_sweep_ends_what_has_lapsed_once_and_says_so_in_the_sealed_log(
    world: World, secret: Request
) -> None:
    add(world, secret, "lead", "TEAM_LEAD", until=world.now + DAY)
    assert keep_compartments(now=world.now + DAY - SECOND) == 0
    assert keep_compartments(now=world.now + DAY) == 1
    assert keep_compartments(now=world.now + DAY) == 0
    assert last("member.lapsed")["detail"]["ended"] == [[world["lead"].ref, "TEAM_LEAD"]]
    assert last("member.lapsed")["detail"]["called_in"] == []
    assert Entry.objects.get(event="member.lapsed").log == "sealed"
    assert not RequestUserGrant.objects.filter(content_object=secret, user=world["lead"]).exists()


def test_a_membership_begins_on_its_day(world: World, secret: Request) -> None:
    begins = world.now + 2 * DAY
    add(world, secret, "lead", "TEAM_LEAD", begins=begins, until=begins + DAY)
    assert "lead" not in seers(world, secret, world.now)
    assert keep_compartments(now=begins - SECOND) == 0
    assert keep_compartments(now=begins) == 1
    assert "lead" in seers(world, secret, begins)
    assert last("member.lapsed")["detail"]["begun"] == [[world["lead"].ref, "TEAM_LEAD"]]


def test_a_membership_has_a_span_and_comes_once(world: World, secret: Request) -> None:
    with pytest.raises(ActionRefused, match="membership_has_a_span"):
        add(world, secret, "lead", "TEAM_LEAD", begins=world.now + 2 * DAY, until=world.now + DAY)
    with pytest.raises(ActionRefused, match="membership_ends_later"):
        add(world, secret, "lead", "TEAM_LEAD", until=world.now)
    add(world, secret, "lead", "TEAM_LEAD", begins=world.now + DAY)
    with pytest.raises(ActionRefused, match="member_once_per_role"):
        add(world, secret, "lead", "TEAM_LEAD")


def test_a_member_gets_more_time_for_a_reason(world: World, secret: Request) -> None:
    add(world, secret, "lead", "TEAM_LEAD", until=world.now + DAY)
    with pytest.raises(ActionRefused) as refused:
        extend(world, secret, "lead", world.now + DAY, reason=" ")
    assert {objection.guard for objection in refused.value.objections} == {
        "end_is_another", "member_has_a_reason",
    }  # fmt: skip
    extend(world, secret, "lead", world.now + 3 * DAY)
    assert keep_compartments(now=world.now + 2 * DAY) == 0
    assert "lead" in seers(world, secret, world.now + 2 * DAY)
    assert "More to do." not in str(last("member.extended"))
    extend(world, secret, "lead", None)
    assert "lead" in seers(world, secret, world.now + 300 * DAY)


def test_nobody_without_the_office_says_who_may_know(world: World, secret: Request) -> None:
    for attempt in (
        lambda: end(world, secret, "approver", who="handler"),
        lambda: extend_member(
            request_id=secret.pk, member_id=row_of(world, secret, "approver").pk, until=None, reason="More.",
            actor=world["mlro"], now=world.now,
        ),
    ):  # fmt: skip
        with pytest.raises(NotThere):
            attempt()


def test_whoever_says_who_may_know_never_leaves_alone(world: World, secret: Request) -> None:
    with pytest.raises(ActionRefused) as refused:
        end(world, secret, "head")
    assert [objection.guard for objection in refused.value.objections] == ["a_keeper_stays"]
    add(world, secret, "mlro", "MLRO")
    end(world, secret, "head")
    assert seers(world, secret, world.now) == {"handler", "approver", "mlro"}


def test_when_too_few_would_be_left_a_head_of_legal_is_called_in_and_told(
    world: World, secret: Request, mailoutbox: list[EmailMessage]
) -> None:
    add(world, secret, "mlro", "MLRO")
    end(world, secret, "handler")
    end(world, secret, "head")
    until = world.now + DAY
    row = row_of(world, secret, "approver")
    extend_member(
        request_id=secret.pk,
        member_id=row.pk,
        until=until,
        reason="Leaves.",
        actor=world["mlro"],
        now=world.now,
    )
    assert not may(world["head"], secret.reference, Perm.VIEW, world.now)
    assert keep_compartments(now=until) == 1
    assert seers(world, secret, until) == {"mlro", "head"}
    assert last("member.lapsed")["detail"]["called_in"] == [[world["head"].ref, "HEAD_OF_LEGAL"]]
    delivered(until)
    told = {mail.to[0] for mail in mailoutbox if "who may know of it" in mail.subject + mail.body}
    assert told == {world["head"].email, world["mlro"].email}


def test_where_nobody_can_be_called_in_the_sweep_asks_until_somebody_can(
    world: World, secret: Request
) -> None:
    later = world.now + DAY
    for key in ("handler", "approver"):
        extend(world, secret, key, later)
    for role in (Role.MLRO,):
        for membership in Membership.objects.filter(role=role):
            end_membership(membership_id=membership.pk, at=later, actor=None, now=world.now)
    assert keep_compartments(now=later) == 0
    assert seers(world, secret, later) == {"head"}
    world.give("second", "MLRO")
    assert keep_compartments(now=later) == 1
    assert seers(world, secret, later) == {"head", "second"}


def test_who_leaves_the_office_a_membership_was_given_in_leaves_the_compartment(
    world: World, secret: Request
) -> None:
    add(world, secret, "mlro", "MLRO")
    membership = Membership.objects.get(user=world["handler"], role="HANDLER")
    later = world.now + DAY
    end_membership(membership_id=membership.pk, at=later, actor=None, now=world.now)
    assert keep_compartments(now=later) == 1
    assert seers(world, secret, later) == {"head", "approver", "mlro"}


def test_the_excluded_are_taken_out_unless_too_few_would_be_left(world: World, secret: Request) -> None:
    def exclude(key: str) -> None:
        exclude_person(
            request_id=secret.pk, person=world[key], reason="A neighbour.", actor=world["head"], now=world.now
        )

    exclude("handler")
    assert CompartmentMember.objects.get(request=secret, user=world["handler"]).ended_at == world.now
    with pytest.raises(ActionRefused, match="two_members_keep_a_secret"):
        exclude("approver")
    assert seers(world, secret, world.now) == {"head", "approver"}


def test_who_may_know_is_said_after_the_end_as_well(world: World) -> None:
    world.made += 1
    order = OrderRoad(world.people, world.police, world.now, number=world.made).to(State.CLOSED)
    row = add_member(
        request_id=order.pk, person=world["lead"], member_role="TEAM_LEAD", reason="Answers the court.",
        until=None, actor=world["mlro"], now=world.now,
    )  # fmt: skip
    end_member(request_id=order.pk, member_id=row.pk, actor=world["mlro"], now=world.now)
    assert [entry["detail"]["person"] for entry in entries("member.ended")] == [world["lead"].ref]


def test_the_database_refuses_an_ended_membership_without_an_end(world: World, secret: Request) -> None:
    row = row_of(world, secret, "approver")
    with pytest.raises(IntegrityError, match="member_ended_has_an_end"), transaction.atomic():
        CompartmentMember.objects.filter(pk=row.pk).update(ended_at=world.now)


def test_of_a_destroyed_secret_nothing_lapses_and_nobody_is_reminded(world: World) -> None:
    request = closed(world)
    named = {world["release"]: "RELEASE_OFFICER"}
    restrict_request(
        request_id=request.pk, members=named, reason="An order forbids telling.", actor=world["head"], now=world.now
    )  # fmt: skip
    on = localdate(world.now) + DAY
    set_secrecy_review(request_id=request.pk, on=on, actor=world["head"], now=world.now)
    (row,) = destroy(world, [request])
    assert row.done_at is not None
    held = Membership.objects.get(user=world["release"], role=Role.RELEASE_OFFICER)
    end_membership(membership_id=held.pk, at=later(world), actor=None, now=later(world))
    assert keep_compartments(now=later(world)) == 0
    assert remind_of_secrecy(now=later(world)) == 0


def test_who_had_ended_it_before_can_still_say_who_may_know_once_the_sweep_has_come(world: World) -> None:
    """As a desk has it that is upgraded: the grant came with the next move alone."""
    world.made += 1
    order = OrderRoad(world.people, world.police, world.now, number=world.made).to(State.CLOSED)
    restrict = permission_ids()[Perm.RESTRICT]
    RequestUserGrant.objects.filter(content_object_id=order.reference, permission=restrict).delete()
    before = Entry.objects.filter(log="main").count()
    assert not may(world["mlro"], order.reference, Perm.RESTRICT, world.now)
    assert renew_keepers_grants(now=world.now) == 1
    assert renew_keepers_grants(now=world.now) == 0
    keepers = [[world["head"].ref, "HEAD_OF_LEGAL"], [world["mlro"].ref, "MLRO"]]
    assert last("grants.renewed")["detail"]["keepers"] == sorted(keepers)
    assert Entry.objects.filter(log="main").count() == before
    for key in ("head", "mlro"):
        assert may(world[key], order.reference, Perm.RESTRICT, world.now)
    for key in ("handler", "lead"):
        assert not may(world[key], order.reference, Perm.RESTRICT, world.now)


def test_no_grant_is_renewed_of_what_lies_open_was_destroyed_or_is_as_it_should_be(
    world: World, secret: Request
) -> None:
    world.request_in(State.CLOSED)
    assert renew_keepers_grants(now=world.now) == 0
    extend(world, secret, "head", world.now + DAY)
    assert renew_keepers_grants(now=world.now + 2 * DAY) == 0
