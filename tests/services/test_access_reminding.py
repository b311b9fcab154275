"""A person's own request runs a month: who hears of it at half, three quarters, the last working day, and daily after."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from accounts.services.memberships import end_membership
from disclosures.catalogue import LADDERS
from disclosures.deadlines.calendars import end_of, london_day, start_of
from disclosures.deadlines.escalating import reached
from disclosures.deadlines.rules import Threshold
from disclosures.models import AccessReminder, AccessRequest, OutboxRow
from disclosures.services import access_reminding, accounting
from disclosures.services.access_reminding import TOPIC, remind_of_access
from disclosures.services.delivering import deliver
from disclosures.services.sweeping import sweep
from tests.accounting import an_access_request, an_answered_access, destroy_access
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def asked(world: World, who: str = "clerk") -> AccessRequest:
    given = accounting.AccessInput(
        name="Alex Example", reply_to="1 Nowhere Lane", channel="POST", received_at=world.now
    )
    return accounting.record_access(given=given, actor=world[who], now=world.now)


def due(access: AccessRequest) -> date:
    access.refresh_from_db()
    assert access.due_on is not None
    return access.due_on


def at(access: AccessRequest, part: float) -> datetime:
    """When so much of its time has passed, and a second."""
    start = access.received_at
    return start + (end_of(due(access)) - start) * part + timedelta(seconds=1)


def promised() -> list[tuple[str, str]]:
    """Threshold and to whom, as they were promised."""
    rows = OutboxRow.objects.filter(topic=TOPIC).order_by("id")
    names = dict(User.objects.values_list("pk", "email"))
    return [(row.payload["threshold"], names[row.payload["user"]]) for row in rows]


def sent(now: datetime) -> Iterator[tuple[str, str]]:
    mail.outbox.clear()
    while deliver(now=now):
        pass
    for one in mail.outbox:
        yield one.to[0], f"{one.subject}\n{one.body}"


def to(world: World, *who: str) -> set[str]:
    return {world[key].email for key in who}


# When ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2026-03-17", []),
        ("2026-03-20", ["HALF"]),
        ("2026-03-27", ["HALF", "THREE_QUARTERS"]),
        ("2026-04-02", ["HALF", "THREE_QUARTERS"]),
        ("2026-04-03", ["HALF", "THREE_QUARTERS", "LAST_DAY"]),
        ("2026-04-04", ["OVERDUE"]),
        ("2026-05-01", ["OVERDUE"]),
    ],
)
def test_which_thresholds_are_reached_on_which_day(day: str, found: list[str]) -> None:
    now = start_of(date.fromisoformat(day)) + timedelta(hours=9)
    turns = reached(
        starts_at=start_of(date(2026, 3, 3)) + timedelta(hours=10), due_on=date(2026, 4, 3), overdue_days=1, now=now
    )  # fmt: skip
    assert [(one.value, period) for one, period in turns] == [
        (name, day if name == "OVERDUE" else "") for name in found
    ]


def test_each_threshold_is_told_once_whatever_the_sweep_does(world: World) -> None:
    access = asked(world)
    assert remind_of_access(now=world.now) == 0
    for moment, more in ((at(access, 0.5), 1), (at(access, 0.75), 1), (start_of(due(access)), 1)):
        assert sweep(now=moment).reminders == more
        assert sweep(now=moment).reminders == 0
    after = end_of(due(access))
    for days in range(3):
        assert remind_of_access(now=after + days * DAY) == 1
        assert remind_of_access(now=after + days * DAY) == 0
    kinds = AccessReminder.objects.order_by("id").values_list("threshold", flat=True)
    assert list(kinds) == ["HALF", "THREE_QUARTERS", "LAST_DAY", *["OVERDUE"] * 3]


def test_two_sweeps_at_once_promise_it_once(world: World) -> None:
    """The second has not seen the first's row when it looked."""
    access = asked(world)
    moment = at(access, 0.5)
    assert remind_of_access(now=moment) == 1
    count = OutboxRow.objects.filter(topic=TOPIC).count()
    assert not access_reminding._remind_of_one(access, Threshold.HALF, "", moment)
    assert OutboxRow.objects.filter(topic=TOPIC).count() == count


def test_a_clock_that_stands_still_or_has_ended_reminds_nobody(world: World) -> None:
    waits, ends, left = asked(world), an_access_request(world), asked(world)
    accounting.ask_to_clarify(access_id=waits.pk, actor=world["handler"], now=world.now)
    accounting.approve_access_answer(
        access_id=ends.pk, seen=ends.digest, actor=world["approver"], now=world.now
    )
    accounting.close_access(
        access_id=left.pk, how="WITHDRAWN", why="By telephone.", actor=world["dpo"], now=world.now
    )
    assert remind_of_access(now=world.now + 90 * DAY) == 0


def test_an_extension_begins_the_reminders_anew(world: World) -> None:
    access = asked(world)
    assert remind_of_access(now=at(access, 0.5)) == 1
    accounting.extend_access(access_id=access.pk, reason="Many.", actor=world["handler"], now=world.now)
    assert remind_of_access(now=at(access, 0.4)) == 0
    assert remind_of_access(now=at(access, 0.5)) == 1


def test_the_month_counts_from_the_proof_that_was_asked_for(world: World) -> None:
    access = asked(world)
    accounting.ask_for_proof(access_id=access.pk, actor=world["handler"], now=world.now)
    later = world.now + 20 * DAY
    assert remind_of_access(now=later) == 0
    accounting.record_identity(
        access_id=access.pk, how="DOCUMENT", note="A passport.", actor=world["handler"], now=later
    )
    assert remind_of_access(now=later + 5 * DAY) == 0
    assert remind_of_access(now=later + 17 * DAY) == 1


# To whom ------------------------------------------------------------------------------------------


def test_whoever_recorded_it_and_the_data_protection_officer_hear_and_legal_once_it_is_late(
    world: World,
) -> None:
    access = asked(world)
    remind_of_access(now=at(access, 0.5))
    assert {person for _, person in promised()} == to(world, "clerk", "dpo")
    remind_of_access(now=end_of(due(access)))
    late = {person for threshold, person in promised() if threshold == "OVERDUE"}
    assert late == to(world, "clerk", "dpo", "head")


def test_one_person_in_two_parts_hears_once(world: World) -> None:
    access = asked(world, "dpo")
    remind_of_access(now=at(access, 0.5))
    assert promised() == [("HALF", world["dpo"].email)]


def test_whoever_works_such_requests_no_more_hears_nothing(world: World) -> None:
    access = asked(world)
    moment = at(access, 0.5)
    remind_of_access(now=moment)
    for membership in Membership.objects.filter(user=world["clerk"]):
        end_membership(membership_id=membership.pk, at=world.now, actor=None, now=world.now)
    assert {person for person, _ in sent(moment)} == to(world, "dpo")
    remind_of_access(now=at(access, 0.75))
    assert {person for kind, person in promised() if kind == "THREE_QUARTERS"} == to(world, "dpo")


def test_the_mail_names_the_reference_and_nobody(world: World) -> None:
    access = asked(world)
    moment = at(access, 0.5)
    remind_of_access(now=moment)
    mails = dict(sent(moment))
    assert set(mails) == to(world, "clerk", "dpo")
    for text in mails.values():
        assert f"{access.ref} – a person’s own request: half of its time has passed" in text
        assert f"/access/{access.ref}/" in text
        assert f"{due(access):%A} {due(access).day} {due(access):%B %Y}" in text
        assert "Alex" not in text
        assert "Nowhere" not in text


OVERTAKING: tuple[Callable[[AccessRequest, World], object], ...] = (
    lambda access, world: accounting.close_access(
        access_id=access.pk, how="WITHDRAWN", why="By telephone.", actor=world["dpo"], now=world.now
    ),
    lambda access, world: accounting.extend_access(
        access_id=access.pk, reason="Many.", actor=world["handler"], now=world.now
    ),
    lambda access, world: accounting.ask_to_clarify(
        access_id=access.pk, actor=world["handler"], now=world.now
    ),
)


@pytest.mark.parametrize("overtaking", OVERTAKING)
def test_what_was_overtaken_is_not_sent(
    world: World, overtaking: Callable[[AccessRequest, World], object]
) -> None:
    access = asked(world)
    moment = at(access, 0.5)
    remind_of_access(now=moment)
    overtaking(access, world)
    assert list(sent(moment)) == []


def test_its_ladder_stands_in_the_catalogue_and_belongs_to_no_instrument() -> None:
    ladder = LADDERS["ACCESS"]
    assert ladder.clocks == ("ACCESS",)
    for names in (ladder.half, ladder.three_quarters, ladder.last_day, ladder.overdue):
        assert {"HANDLER", "DPO"} <= set(names)


# What it costs, what it leaves --------------------------------------------------------------------


def test_a_sweep_with_nothing_due_asks_twice_for_many_as_for_few(world: World) -> None:
    asked(world)
    with CaptureQueriesContext(connection) as few:
        remind_of_access(now=world.now)
    for _ in range(4):
        asked(world)
    with CaptureQueriesContext(connection) as many:
        remind_of_access(now=world.now)
    assert len(few) == len(many) == 2


def test_promises_and_reminders_go_with_the_request(world: World) -> None:
    access = an_access_request(world)
    remind_of_access(now=at(access, 0.5))
    accounting.approve_access_answer(
        access_id=access.pk, seen=access.digest, actor=world["approver"], now=world.now
    )
    access.refresh_from_db()
    other = an_answered_access(world)
    row = destroy_access(world, access)
    assert row.counts["accessreminder"] == 1
    assert row.counts["outboxrow"] == 2
    assert not AccessReminder.objects.filter(access=access).exists()
    assert not OutboxRow.objects.filter(topic=TOPIC).exists()
    assert other.disposed_at is None
    assert london_day(world.now) < due(other)
