"""Who is cleared for interception: dated, given by another head of legal than oneself, ended and never rewritten."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Membership, User
from accounts.services import change_user, end_membership
from audit.models import Entry
from disclosures.deadlines.calendars import end_of, london_day
from disclosures.deadlines.keeping import years_after
from disclosures.models import InterceptionClearance, InterceptionClearanceEnd, OutboxRow
from disclosures.selectors import NotThere
from disclosures.selectors.interception import clearances_not_over, clearances_over, cleared_today
from disclosures.services.interception import (
    ClearanceRefused,
    clear_for_interception,
    end_interception_clearance,
    remind_of_interception,
)
from tests.services.clock_desk import delivered
from tests.services.log_lines import entries, last
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
VETTING = "SC, reference FICT-7, of 3 March"


def clear(
    world: World, key: str = "lead", by: str = "head", **changed: datetime | str | None
) -> InterceptionClearance:
    given = {
        "person": world[key],
        "vetting": VETTING,
        "until": world.now + 90 * DAY,
        "actor": world[by],
        "now": world.now,
    }
    return clear_for_interception(**{**given, **changed})  # type: ignore[arg-type]


def names(world: World, now: datetime | None = None) -> list[str]:
    return [user.display_name for user in cleared_today(now or world.now)]


def test_a_head_of_legal_clears_somebody_from_a_day_to_a_day(world: World) -> None:
    assert names(world) == []
    row = clear(world)
    later = clear(world, "dpo", begins=world.now + 10 * DAY)
    assert names(world) == ["Demo Team Lead"]
    assert names(world, world.now + 10 * DAY) == ["Demo Data Protection Officer", "Demo Team Lead"]
    assert names(world, row.valid_until - timedelta(seconds=1)) != []
    assert names(world, row.valid_until) == []
    assert [one.pk for one in clearances_not_over(world.now)] == [row.pk, later.pk]
    assert {one.pk for one in clearances_over(row.valid_until)} == {row.pk, later.pk}


def test_only_a_head_of_legal_adds_and_ends(world: World) -> None:
    row = clear(world)
    for who in ("clerk", "handler", "approver", "lead", "dpo", "mlro", "auditor", "admin", "outsider"):
        with pytest.raises(NotThere):
            clear(world, "verifier", by=who)
        with pytest.raises(NotThere):
            end_interception_clearance(ref=row.ref, actor=world[who], now=world.now)
    with pytest.raises(NotThere):
        end_interception_clearance(ref="ic_none", actor=world["head"], now=world.now)
    assert InterceptionClearance.objects.count() == 1


def test_nobody_clears_themselves_and_the_database_knows(world: World) -> None:
    with pytest.raises(ClearanceRefused, match="Nobody clears themselves"):
        clear(world, "head")
    world.give("lead", "HEAD_OF_LEGAL")
    row = clear(world, "head", by="lead")
    assert names(world) == ["Demo Head of Legal"]
    row.pk, row.ref, row.given_by = None, "ic_0", world["head"]
    with (
        pytest.raises(IntegrityError, match="nobody_clears_themselves_for_interception"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


def test_all_that_is_wrong_is_said_at_once(world: World) -> None:
    with pytest.raises(ClearanceRefused) as refused:
        clear(world, "outsider", vetting=" ", until=None)
    assert len(refused.value.sentences) == 3
    with pytest.raises(ClearanceRefused, match="must not lie in the past: a clearance counts"):
        clear(world, begins=world.now - 2 * DAY)
    with pytest.raises(ClearanceRefused, match="last day must not lie in the past"):
        clear(world, until=world.now)
    with pytest.raises(ClearanceRefused, match="not lie before the first"):
        clear(world, begins=world.now + 3 * DAY, until=world.now + 2 * DAY)


def test_two_years_ahead_are_the_most(world: World) -> None:
    longest = end_of(years_after(london_day(world.now), 2))
    with pytest.raises(ClearanceRefused, match="within two years, by "):
        clear(world, until=longest + DAY)
    assert clear(world, until=longest).valid_until == longest


def test_nobody_is_cleared_twice_for_the_same_time_but_may_follow_on(world: World) -> None:
    row = clear(world)
    with pytest.raises(ClearanceRefused, match="already cleared for a part of that time"):
        clear(world, begins=row.valid_until - DAY, until=row.valid_until + DAY)
    clear(world, begins=row.valid_until, until=row.valid_until + DAY)
    assert names(world, row.valid_until) == ["Demo Team Lead"]


def test_it_is_ended_at_once_and_once_and_may_be_given_anew(world: World) -> None:
    row = clear(world)
    end_interception_clearance(ref=row.ref, actor=world["head"], now=world.now)
    assert names(world) == []
    with pytest.raises(ClearanceRefused, match="has ended already"):
        end_interception_clearance(ref=row.ref, actor=world["head"], now=world.now)
    clear(world)
    assert names(world) == ["Demo Team Lead"]
    with pytest.raises(ClearanceRefused, match="has ended already"):
        end_interception_clearance(
            ref=InterceptionClearance.objects.latest("id").ref, actor=world["head"], now=world.now + 90 * DAY
        )


def test_whoever_has_left_does_not_count(world: World) -> None:
    clear(world)
    clear(world, "dpo")
    lead: User = world["lead"]
    change_user(
        user_id=lead.pk, display_name=lead.display_name, is_active=False, actor=world["admin"], now=world.now
    )
    assert names(world) == ["Demo Data Protection Officer"]
    held = Membership.objects.get(user=world["dpo"])
    end_membership(membership_id=held.pk, at=world.now, actor=None, now=world.now)
    assert names(world) == []
    assert [one.in_office for one in clearances_not_over(world.now)] == [False, False]  # type: ignore[attr-defined]


def test_a_change_is_in_the_sealed_log_alone_and_the_vetting_in_none(world: World) -> None:
    row = clear(world)
    end_interception_clearance(ref=row.ref, actor=world["head"], now=world.now)
    found = Entry.objects.filter(event__startswith="interception_clearance")
    assert set(found.values_list("event", "log")) == {
        ("interception_clearance.given", "sealed"), ("interception_clearance.ended", "sealed"),
    }  # fmt: skip
    given, ended = last("interception_clearance.given"), last("interception_clearance.ended")
    assert given["object"] == {"type": "interception_clearance", "ref": row.ref, "version": 1}
    assert ended["object"] == {"type": "interception_clearance_end", "ref": row.ref, "version": 1}
    assert {one["actor"]["role"] for one in (given, ended)} == {"HEAD_OF_LEGAL"}
    assert {one["detail"]["person"] for one in (given, ended)} == {world["lead"].ref}
    assert set(given["detail"]["rows"]) == set(ended["detail"]["rows"]) == {"format", "terms"}
    assert "vetting" in given["commits"]
    assert VETTING not in str(entries("interception_clearance.given"))


@pytest.mark.parametrize("statement", ["UPDATE {} SET version = 2", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_rows_are_added_and_stay(world: World, statement: str) -> None:
    row = clear(world)
    end_interception_clearance(ref=row.ref, actor=world["head"], now=world.now)
    for model in (InterceptionClearance, InterceptionClearanceEnd):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(model._meta.db_table))
    assert InterceptionClearanceEnd.objects.count() == 1


def test_without_its_entry_none_is_kept(world: World) -> None:
    row = clear(world)
    silent = InterceptionClearanceEnd(clearance=row, ended_at=world.now, ended_by=world["head"])
    with pytest.raises(DatabaseError, match="has no entry in the log"), transaction.atomic():
        commit(silent)


def commit(row: InterceptionClearanceEnd) -> None:
    row.save()
    connection.check_constraints()


def test_each_head_of_legal_is_reminded_once_when_it_runs_out_within_thirty_days(
    world: World, mailoutbox: list[EmailMessage]
) -> None:
    row = clear(world, until=datetime(world.now.year + 1, 7, 1, 23, 0, tzinfo=UTC))
    clear(world, "dpo", until=world.now + 20 * DAY)  # short on purpose: whoever gave it knows
    early, late = row.valid_until - 31 * DAY, row.valid_until - 30 * DAY
    assert remind_of_interception(now=world.now) == remind_of_interception(now=early) == 0
    assert remind_of_interception(now=late) == 1
    assert remind_of_interception(now=late + DAY) == 0
    delivered(late + DAY)
    (mail,) = mailoutbox
    assert mail.to == [world["head"].email]
    assert mail.subject == "A clearance for interception ends soon"
    assert f"1 July {row.valid_until.year}" in mail.body
    assert "/registers/interception/" in mail.body
    assert "Demo" not in mail.body, "a mail names nobody"


def test_of_one_that_was_ended_or_has_its_successor_nobody_is_told(
    world: World, mailoutbox: list[EmailMessage]
) -> None:
    row, other = clear(world), clear(world, "dpo")
    soon = row.valid_until - 10 * DAY
    assert remind_of_interception(now=soon) == 2
    end_interception_clearance(ref=row.ref, actor=world["head"], now=world.now)
    clear(world, "dpo", begins=other.valid_until, until=other.valid_until + 90 * DAY)
    assert OutboxRow.objects.filter(topic="interception.ends", done_at=None).count() == 2
    delivered(soon)
    assert mailoutbox == []
    assert not OutboxRow.objects.filter(topic="interception.ends", done_at=None).exists()
