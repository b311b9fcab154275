"""The lists: who sees which rows, in which order, a page at a time, and nothing personal in any of them."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from itertools import chain, combinations
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import localdate
from pytest_django import DjangoDbBlocker

from accounts.models import User
from accounts.roles import Role
from audit.models import Entry
from cpdisclose.local.postgres import Cluster
from disclosures.catalogue import ITEM_TYPES
from disclosures.demo import sample_intake
from disclosures.models import Request
from disclosures.permissions import may
from disclosures.selectors import queues, visible_to
from disclosures.services import perform
from disclosures.services.access import assign_request
from disclosures.services.intake import ItemInput
from disclosures.states import Action, State
from disclosures.workflow import OPEN_STATES
from tests.every_state import Everything, desk_with_everything, undone
from tests.web.browsers import browser_for
from tests.web.html import Page

LISTS = ("/queue/", "/queue/due/", "/queue/team/", "/requests/")


@pytest.fixture(scope="module")
def desk(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Everything]:
    with django_db_blocker.unblock(), desk_with_everything(cluster) as made:
        yield made


@pytest.fixture(autouse=True)
def _rolled_back(desk: Everything) -> Iterator[None]:
    # The desk may have been made long ago, by another module: on it, it is still that hour.
    with time_machine.travel(desk.world.now), undone():
        yield


def sees(desk: Everything, user: User, address: str) -> set[str]:
    return references(browser_for(user, desk.world.now).get(address))


def references(response: HttpResponse) -> set[str]:
    assert response.status_code == 200
    return set(re.findall(r"/requests/(CP-[0-9A-Z]{4}-[0-9A-Z]{4})/", response.content.decode()))


def text_of(response: HttpResponse) -> str:
    return " ".join(Page(response.content.decode()).text.split())


# Where people begin --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("handler", "/queue/"), ("clerk", "/queue/"), ("dpo", "/queue/"), ("outsider", "/company/"),
        ("holder", "/searches/"), ("auditor", "/log/"), ("admin", "/administration/"),
    ],
)  # fmt: skip
def test_everybody_begins_at_their_own_work(desk: Everything, who: str, where: str) -> None:
    response = browser_for(desk.world[who], desk.world.now).get("/")
    assert (response.status_code, response["Location"]) == (302, where)


def test_a_stranger_is_asked_to_sign_in(desk: Everything) -> None:
    for address in ("/", *LISTS):
        assert Client().get(address)["Location"].startswith("/account/login/")


@pytest.mark.parametrize("address", ["/", *LISTS])
def test_lists_are_only_read(desk: Everything, address: str) -> None:
    assert browser_for(desk.world["handler"], desk.world.now).post(address).status_code == 405


# Who sees what -------------------------------------------------------------------------------


def test_a_colleague_sees_what_is_open_and_no_secret(desk: Everything) -> None:
    open_ones = {request.reference for state, request in desk.plain.items() if state in OPEN_STATES}
    assert sees(desk, desk.colleagues[Role.HANDLER], "/queue/team/") == open_ones


def test_a_member_sees_the_secrets_they_are_named_to_and_that_they_are_secret(desk: Everything) -> None:
    member = desk.members[Role.HANDLER]
    response = browser_for(member, desk.world.now).get("/requests/?state=IN_REVIEW")
    assert references(response) == {
        desk.plain[State.IN_REVIEW].reference,
        desk.secret[State.IN_REVIEW].reference,
    }
    assert text_of(response).count("Restricted") == 1


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("who", ["excluded", "elsewhere", "superuser"])
def test_who_has_no_part_in_anything_finds_empty_lists_with_a_word(
    desk: Everything, who: str, address: str
) -> None:
    response = browser_for(getattr(desk, who), desk.world.now).get(address)
    assert references(response) == set()
    assert 'class="empty"' in response.content.decode()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.GROUP_SUBMITTER}))
def test_what_waits_for_somebody_is_where_they_hold_the_next_step(desk: Everything, role: Role) -> None:
    user, now = desk.members.get(role, desk.colleagues[role]), desk.world.now
    held = {
        requests[state].reference
        for requests in (desk.plain, desk.secret)
        for perm, states in (*queues.FOR_ALL, *queues.FOR_ONE)
        for state in states
        if may(user, requests[state].reference, perm, now)
    }
    assert {request.reference for request in queues.waiting_for(user, now)} == held


def test_every_state_but_the_last_waits_for_somebody() -> None:
    waiting = {state for _, states in (*queues.FOR_ALL, *queues.FOR_ONE) for state in states}
    assert set(State) - waiting == {State.CLOSED}


def test_what_a_colleague_has_taken_waits_for_nobody_else(desk: Everything) -> None:
    request, now = desk.plain[State.IN_REVIEW], desk.world.now
    one, other = desk.colleagues[Role.HANDLER], desk.members[Role.HANDLER]
    assign_request(request_id=request.pk, assignee=one, actor=desk.world["lead"], now=now)
    assert request in queues.assigned_to(one, now)
    assert request not in queues.waiting_for(one, now)
    assert request not in queues.waiting_for(other, now)
    assert request in queues.waiting_for(desk.colleagues[Role.DPO], now), "advice is another matter"


def test_an_approval_waits_for_the_approvers_whoever_has_the_request(desk: Everything) -> None:
    request, now = desk.plain[State.PENDING_APPROVAL], desk.world.now
    assign_request(request_id=request.pk, assignee=desk.world["handler"], actor=desk.world["lead"], now=now)
    assert request in queues.waiting_for(desk.colleagues[Role.APPROVER], now)


# What a row says -----------------------------------------------------------------------------


@pytest.mark.parametrize("address", LISTS)
def test_nothing_personal_and_no_free_text_stands_in_a_list(desk: Everything, address: str) -> None:
    pages = [
        browser_for(desk.world[who], desk.world.now).get(address) for who in ("handler", "clerk", "mlro")
    ]
    shown = " ".join(page.content.decode() for page in pages)
    intake = asdict(sample_intake(desk.world.police, desk.world.now))
    for value in _texts(intake):
        assert value not in shown
    for beginning in ("Example-0", "01632 9604", "ZX-7700", "NS/26"):
        assert beginning not in shown


def _texts(value: Any) -> Iterator[str]:
    """Every text of more than a word, and every number, that somebody typed from the form."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str) and re.search(r"[ @/\d-]", value) and value not in {"P-DPA2"}:
        yield value


def test_a_row_says_what_is_asked_for_in_at_most_six_words() -> None:
    for size in range(1, 5):
        for codes in combinations(ITEM_TYPES, size):
            words = queues.in_few_words(codes)
            assert 1 <= len(words.split()) <= 6
            left = int(found[1]) if (found := re.search(r"\+(\d+)$", words)) else 0
            shown = words.removesuffix(f" +{left}").split(", ")
            assert len(shown) + left == size
    assert queues.in_few_words(["PAYMENTS", "PAYMENTS", "CALL_RECORDING"]) == "Payments, call recordings"


def test_a_row_carries_its_marks(desk: Everything) -> None:
    now = desk.world.now
    road = desk.world.road()
    road.record(
        urgency="PRIORITY", urgency_reason="A hearing.", received_at=now - timedelta(days=9),
        items=(ItemInput(item_type="SUPPORT_NEEDS"),),
    )  # fmt: skip
    (row,) = _rows(desk, Request.objects.filter(pk=road.request.pk))
    assert [flag.words for flag in row.flags] == ["Overdue", "Priority", "Two approvers"]
    assert (row.kind, row.assignee, row.asks_for) == ("Unsorted", "", "Support needs")
    (emergency,) = _rows(desk, Request.objects.filter(pk=desk.plain[State.EMERGENCY_PENDING].pk))
    assert [flag.words for flag in emergency.flags][:1] == ["Emergency"]
    assert emergency.due_time is not None, "an emergency is due at a time of day"
    (closed,) = _rows(desk, Request.objects.filter(pk=desk.secret[State.CLOSED].pk))
    assert [flag.words for flag in closed.flags] == ["Restricted"]
    assert (closed.due_on, closed.without_due) == (None, "no clock runs")
    (returned,) = _rows(desk, Request.objects.filter(pk=desk.plain[State.RETURNED].pk))
    assert returned.without_due == "paused"


def _rows(desk: Everything, requests: Any) -> list[queues.Row]:
    (page,) = queues.pages((requests, None), user=desk.members[Role.HANDLER], now=desk.world.now)
    return list(page.rows)


# A page at a time ----------------------------------------------------------------------------


def walk(desk: Everything, user: User, *, backwards: bool = False, start: str = "") -> list[list[str]]:
    """The references page by page, seven a page."""
    found, cursor = [], start
    while True:
        place = queues.read_place(cursor, backwards=backwards)
        rows = visible_to(user, desk.world.now)
        (page,) = queues.pages((rows, place), user=user, now=desk.world.now, rows_a_page=7)
        found.append([row.reference for row in page.rows])
        cursor = page.earlier if backwards else page.later
        if not cursor:
            return found


def in_order(desk: Everything, user: User) -> list[str]:
    rows = visible_to(user, desk.world.now).values_list("due_at", "id", "reference")
    last = desk.world.now + timedelta(days=9999)
    return [
        reference for _, _, reference in sorted((due or last, pk, reference) for due, pk, reference in rows)
    ]


def test_walking_the_pages_meets_every_request_once_the_soonest_due_first(desk: Everything) -> None:
    user = desk.members[Role.HANDLER]
    pages = walk(desk, user)
    assert list(chain(*pages)) == in_order(desk, user)
    assert {len(page) for page in pages[:-1]} == {7}
    assert len(pages) > 4


def test_walking_back_meets_the_same_pages(desk: Everything) -> None:
    user = desk.members[Role.HANDLER]
    order = in_order(desk, user)
    last = Request.objects.get(reference=order[-1])
    pages = walk(desk, user, backwards=True, start=f"none~{last.reference}")
    assert list(chain(*reversed(pages))) == order[:-1]


def test_a_place_in_the_list_outlives_the_request_it_was_named_after(desk: Everything) -> None:
    """Somebody closes it, or it becomes a secret, while a colleague reads the first page."""
    user, now = desk.colleagues[Role.HANDLER], desk.world.now
    rows = queues.open_requests(user, now)
    (first,) = queues.pages((rows, None), user=user, now=now, rows_a_page=5)
    (rest,) = queues.pages((rows, queues.read_place(first.later)), user=user, now=now, rows_a_page=50)
    named = Request.objects.get(reference=first.rows[-1].reference)
    perform(
        request_id=named.pk, action=Action.WITHDRAW, actor=desk.world["lead"], now=now, reason="Withdrawn by mail."
    )  # fmt: skip
    (then,) = queues.pages((rows, queues.read_place(first.later)), user=user, now=now, rows_a_page=50)
    assert [row.reference for row in then.rows] == [row.reference for row in rest.rows]


@pytest.mark.parametrize(
    "cursor",
    ["~", "none~", "x~CP-2222-2222", "20261124T000000000000~", "99999999T999999999999~CP-2222-2222"],
)
def test_a_place_that_is_none_is_the_beginning(desk: Everything, cursor: str) -> None:
    client = browser_for(desk.colleagues[Role.HANDLER], desk.world.now)
    for key in ("before", "after"):
        assert references(client.get(f"/queue/team/?{key}={cursor}")) == references(
            client.get("/queue/team/")
        )


# Finding one ---------------------------------------------------------------------------------


def test_a_reference_leads_to_its_request_however_it_was_typed(desk: Everything) -> None:
    request = desk.plain[State.IN_REVIEW]
    client = browser_for(desk.colleagues[Role.HANDLER], desk.world.now)
    bare = request.reference.removeprefix("CP-")
    for typed in (request.reference, request.reference.lower(), bare.replace("-", " "), f"  {bare.lower()} "):
        response = client.get("/requests/", {"q": typed})
        assert (response.status_code, response["Location"]) == (302, f"/requests/{request.reference}/")


def test_a_forbidden_and_a_missing_reference_are_answered_alike_and_noted(desk: Everything) -> None:
    user, absent = desk.colleagues[Role.HANDLER], "CP-2222-2222"
    client = browser_for(user, desk.world.now)
    secret = desk.secret[State.IN_REVIEW].reference
    before = Entry.objects.filter(event="access.missed").count()
    shown = [client.get("/requests/", {"q": typed}) for typed in (secret, absent)]
    bodies = [_without(response, typed) for response, typed in zip(shown, (secret, absent), strict=True)]
    assert bodies[0] == bodies[1]
    assert "There is nothing for you under" in bodies[0]
    assert Entry.objects.filter(event="access.missed").count() == before + 2


def _without(response: HttpResponse, typed: str) -> str:
    assert response.status_code == 200
    body = response.content.decode().replace(typed, "REFERENCE")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", body)


@pytest.mark.parametrize("typed", ["Alex Example", "07700 900123", "CP-7F3K", "<script>", "CP-OOOO-1111"])
def test_what_is_no_reference_is_told_how_one_looks(desk: Everything, typed: str) -> None:
    response = browser_for(desk.colleagues[Role.HANDLER], desk.world.now).get("/requests/", {"q": typed})
    assert references(response) == set()
    assert "such as CP-7F3K-92QM" in text_of(response)


def test_filters_stand_in_the_address_and_narrow_the_list(desk: Everything) -> None:
    client = browser_for(desk.colleagues[Role.HANDLER], desk.world.now)
    closed = desk.plain[State.CLOSED].reference
    assert references(client.get("/requests/?state=CLOSED")) == {closed}
    assert closed in references(client.get("/requests/"))
    urgent = references(client.get("/requests/?urgency=IMMEDIATE"))
    assert urgent == {
        desk.plain[state].reference
        for state in (State.EMERGENCY_PENDING, State.EMERGENCY_RELEASED, State.AWAITING_RATIFICATION)
    }
    assert references(client.get("/requests/?overdue=on")) == set()
    assert "Change the filters" in text_of(client.get("/requests/?overdue=on"))


def test_due_today_are_those_of_today_and_the_overdue(desk: Everything) -> None:
    road = desk.world.road()
    road.record(received_at=desk.world.now - timedelta(days=40))
    client = browser_for(desk.colleagues[Role.HANDLER], desk.world.now)
    late = references(client.get("/queue/due/"))
    assert road.request.reference in late
    today = localdate(desk.world.now)
    assert late == {
        row.reference
        for row in visible_to(desk.colleagues[Role.HANDLER], desk.world.now)
        if row.state in OPEN_STATES and row.due_on and row.due_on <= today
    }
    # Of what an uncleared person is not to see, this page knows nothing either.
    secret = desk.world.road()
    secret.record(restricted=True, received_at=desk.world.now - timedelta(days=40))
    assert secret.request.reference not in text_of(client.get("/queue/due/"))


def test_overdue_are_those_still_open_whose_time_is_over(desk: Everything) -> None:
    road = desk.world.road()
    road.record(received_at=desk.world.now - timedelta(days=40))
    client = browser_for(desk.colleagues[Role.HANDLER], desk.world.now)
    assert references(client.get("/requests/?overdue=on")) == {road.request.reference}


@pytest.mark.parametrize(
    "query", ["state=NOWHERE", "urgency=~", "overdue=perhaps&state=", "state=CLOSED%27--"]
)
def test_a_forged_filter_is_none(desk: Everything, query: str) -> None:
    client = browser_for(desk.colleagues[Role.HANDLER], desk.world.now)
    assert client.get(f"/requests/?{query}").status_code == 200
