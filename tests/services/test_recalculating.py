"""A changed bank holiday moves the right open clocks and no others: once, audited, taken up where it was left."""

import json
from datetime import date, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection

from audit.models import Entry
from disclosures import outbox
from disclosures.deadlines.sources import GOV_UK
from disclosures.models import CalendarRun, Deadline, OutboxRow
from disclosures.services import recalculating
from disclosures.services.clocks import pause_clocks
from disclosures.services.days_off import enter_day_off, strike_out_day
from disclosures.services.holidays import PACKAGE, import_holidays, rows_of_the_package
from disclosures.services.recalculating import begin_run, continue_runs

from .clock_desk import MONDAY, Desk, clock_of, delivered, forget_steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


JUBILEE = date(2026, 3, 11)  # a Wednesday in the middle of the ten days from MONDAY


def an_extra_day(desk: Desk, division: str = "EW", day: date = JUBILEE) -> CalendarRun:
    run = enter_day_off(
        division=division, day=day, title="Jubilee", reason="London Gazette", actor=desk.people["admin"],
        now=desk.now,
    )  # fmt: skip
    continue_runs(now=desk.now)
    run.refresh_from_db()
    return run


def told(log: str = "main") -> list[dict[str, object]]:
    rows = Entry.objects.filter(log=log).order_by("xid", "id").values_list("body", flat=True)
    found = [json.loads(bytes(body)) for body in rows]
    return [entry for entry in found if entry["event"] == "deadline.recalculated"]


def test_an_extra_day_moves_the_clocks_that_count_it_and_no_others(desk: Desk) -> None:
    england, scotland = desk.recorded(), desk.recorded(nation="SC")
    over = desk.recorded(received_at=MONDAY - timedelta(days=10))
    before = {request.pk: clock_of(request).due_on for request in (england, scotland, over)}
    run = an_extra_day(desk)
    connection.check_constraints()
    assert clock_of(england).due_on == date(2026, 3, 17) != before[england.pk]
    assert clock_of(scotland).due_on == before[scotland.pk]
    assert clock_of(over).due_on == before[over.pk] == date(2026, 3, 6)
    england.refresh_from_db()
    assert england.due_on == date(2026, 3, 17)
    assert (run.moved, run.finished_at) == (1, desk.now)


def test_the_derivation_names_the_new_day_and_who_entered_it(desk: Desk) -> None:
    request = desk.recorded()
    an_extra_day(desk)
    line = {"day": "2026-03-11", "words": "Jubilee, not counted", "source": "entered here"}
    assert line in clock_of(request).derivation
    assert clock_of(request).moved_from_on == date(2026, 3, 16)


def test_each_request_that_moved_has_its_entry_and_the_run_has_its_own(desk: Desk) -> None:
    request = desk.recorded()
    version = request.version
    run = an_extra_day(desk)
    connection.check_constraints()
    (entry,) = told()
    assert entry["object"] == {"type": "request", "ref": request.reference, "version": version + 1}
    assert entry["detail"]["run"] == run.ref
    assert entry["detail"]["clocks"] == [{"purpose": "ANSWER", "from": "2026-03-16", "to": "2026-03-17"}]


def test_a_second_pass_over_the_same_table_changes_nothing(desk: Desk) -> None:
    request = desk.recorded()
    run = an_extra_day(desk)
    kept, entries = clock_of(request), len(told())
    begin_run(changes=run.changes, actor=None, now=desk.now)
    continue_runs(now=desk.now)
    connection.check_constraints()
    assert clock_of(request).due_version == kept.due_version
    assert len(told()) == entries


def test_a_run_that_was_left_in_the_middle_is_taken_up_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalculating, "BATCH", 2)
    requests = [desk.recorded() for _ in range(5)]
    enter_day_off(
        division="EW", day=JUBILEE, title="Jubilee", reason="Gazette", actor=desk.people["admin"], now=desk.now
    )  # fmt: skip
    assert recalculating._take_a_batch(desk.now)
    assert [clock_of(request).due_on.day for request in requests] == [17, 17, 16, 16, 16]
    continue_runs(now=desk.now)
    assert {clock_of(request).due_on for request in requests} == {date(2026, 3, 17)}
    assert len(told()) == 5
    assert CalendarRun.objects.latest("id").moved == 5


@pytest.mark.parametrize("secrets", [0, 3])
def test_a_restricted_request_shifts_no_batch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, secrets: int
) -> None:
    """The log tells of every batch: with secrets among them the same batches are told, in the same numbers."""
    monkeypatch.setattr(recalculating, "BATCH", 2)
    desk.recorded()
    for _ in range(secrets):
        desk.road().record(received_at=MONDAY, restricted=True)
    for _ in range(3):
        desk.recorded()
    run = an_extra_day(desk)
    ours = Entry.objects.filter(event="calendar.run_moved_on", object_ref=run.ref).order_by("object_version")
    moved = [json.loads(bytes(body))["detail"].get("moved") for body in ours.values_list("body", flat=True)]
    assert moved == [None, 2, 4, 4]
    assert len(told("sealed")) == secrets


def test_a_day_struck_out_moves_the_clocks_back(desk: Desk) -> None:
    request = desk.recorded()
    an_extra_day(desk)
    strike_out_day(ref="EW-2026-03-11", reason="Withdrawn again.", actor=desk.people["admin"], now=desk.now)
    continue_runs(now=desk.now)
    connection.check_constraints()
    assert clock_of(request).due_on == date(2026, 3, 16)
    assert clock_of(request).due_version == 3


def test_stopped_clocks_stay_and_paused_ones_learn_of_it_when_they_go_on(desk: Desk) -> None:
    road = desk.road()
    request = road.record(received_at=MONDAY)
    pause_clocks(request=request, reason="RETURNED", actor=None, now=MONDAY)
    stopped = Deadline.objects.exclude(request=request).filter(stopped_at__isnull=False)
    before = list(stopped.values_list("pk", "due_on"))
    an_extra_day(desk)
    paused = Deadline.objects.get(request=request)
    assert (paused.due_on, paused.moved_by) == (None, None)
    assert list(stopped.values_list("pk", "due_on")) == before


def test_a_calendar_period_keeps_its_date_and_only_the_last_working_day_moves(desk: Desk) -> None:
    """An order is due on a holiday all the same; what moves is the day by which to answer."""
    request = desk.recorded()
    clock = clock_of(request)
    Deadline.objects.filter(pk=clock.pk).update(rule="CI", n=10)  # due on JUBILEE itself
    run = an_extra_day(desk)
    clock = clock_of(request)
    assert (clock.due_on, clock.last_day_on) == (JUBILEE, date(2026, 3, 10))
    assert run.moved == 1


def test_the_owners_are_told_which_of_theirs_moved(desk: Desk, mailoutbox: list) -> None:
    request = desk.recorded()
    forget_steps()
    an_extra_day(desk)
    delivered(desk.now)
    handlers = {desk.people["handler"].email, desk.people["verifier"].email}
    assert {address for mail in mailoutbox for address in mail.to} == handlers
    mail = mailoutbox[0]
    assert f"{request.reference} · Answer: was due Mon 16 Mar 2026, now due Tue 17 Mar 2026" in mail.body
    assert "Jubilee, Wednesday 11 March 2026: a day off." in mail.body


def test_a_restricted_request_moves_and_only_its_members_learn_of_it(desk: Desk, mailoutbox: list) -> None:
    request = desk.recorded(restricted=True, instrument=None)
    clock = clock_of(request)
    Deadline.objects.filter(pk=clock.pk).update(rule="WN", n=10)
    forget_steps()
    run = an_extra_day(desk)
    delivered(desk.now)
    assert clock_of(request).due_on == date(2026, 3, 17)
    assert (len(told("main")), len(told("sealed"))) == (0, 1)
    assert run.moved == 0
    assert {address for mail in mailoutbox for address in mail.to} == {
        desk.people["clerk"].email, desk.people["mlro"].email,
    }  # fmt: skip


@pytest.mark.parametrize("secrets", [0, 1])
def test_of_a_secret_that_moves_alone_neither_the_log_file_nor_the_page_of_health_tells(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, secrets: int
) -> None:
    """A day of Scotland, where nothing else runs, while the mail server is away. Without the secret all is quiet."""

    def refused(_mail: EmailMessage, fail_silently: bool = False) -> int:
        raise ConnectionRefusedError

    for _ in range(secrets):
        request = desk.recorded(restricted=True, instrument=None, nation="SC")
        Deadline.objects.filter(request=request).update(rule="WN", n=10)
    forget_steps()
    an_extra_day(desk, division="SC")
    kept = [row.payload["user"] for row in OutboxRow.objects.filter(topic="calendar.moved")]
    assert sorted(kept) == sorted([desk.people["clerk"].pk, desk.people["mlro"].pk] * secrets)
    assert outbox.oldest_overdue(now=desk.now + timedelta(hours=1)) is None
    monkeypatch.setattr(EmailMessage, "send", refused)
    delivered(desk.now)
    assert caplog.messages == []


def test_the_package_gaining_a_day_moves_the_clocks_as_well(desk: Desk) -> None:
    request = desk.recorded()
    rows = [row for row in rows_of_the_package() if row.day.year == 2026]
    extra = type(rows[0])(division="EW", day=JUBILEE, title="Jubilee", substitute=False)
    import_holidays(rows=[*rows, extra], source=PACKAGE, actor=None, now=MONDAY)
    continue_runs(now=MONDAY)
    assert clock_of(request).due_on == date(2026, 3, 17)


def test_another_source_for_the_same_days_moves_nothing_and_writes_nothing(desk: Desk) -> None:
    request = desk.recorded()
    rows = [row for row in rows_of_the_package() if row.day.year == 2026]
    import_holidays(rows=rows, source=GOV_UK, actor=None, now=MONDAY)
    assert CalendarRun.objects.filter(finished_at=None).count() == 0
    assert clock_of(request).due_version == 1
