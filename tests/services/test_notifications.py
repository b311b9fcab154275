"""Who is told what: only those whose turn it is and who may see the request; only the reference."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import transaction

from accounts.models import Membership
from accounts.services import end_membership
from disclosures import notifications, outbox
from disclosures.catalogue import INSTRUMENTS, LADDERS
from disclosures.catalogue import versions as catalogue_versions
from disclosures.deadlines.rules import Purpose, Rule, Threshold
from disclosures.demo_kinds import OrderRoad, production_order
from disclosures.models import HeldSystem, Instrument, OutboxRow, Reminder, Request
from disclosures.selectors import ladders
from disclosures.services import delivering
from disclosures.services.access import assign_request, exclude_person
from disclosures.services.clocks import open_clock
from disclosures.services.searching import ask_for_search
from disclosures.services.sweeping import sweep
from disclosures.states import Action, State

from .clock_desk import MONDAY, Desk, clock_of, delivered
from .test_sweep import LATE

NOW = MONDAY


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


@pytest.fixture
def broken_mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A mail server that refuses every message until its list of refusals is emptied."""
    refusals = ["greylisted"]
    send = EmailMessage.send

    def refuse(self: EmailMessage, fail_silently: bool = False) -> int:
        if refusals:
            raise ConnectionRefusedError(refusals[0])
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", refuse)
    return refusals


def addressees(mails: list[EmailMessage]) -> list[str]:
    return sorted(mail.to[0].split("@")[0] for mail in mails)


def in_state(desk: Desk, state: State) -> Request:
    """A request in a state, with only the last step's promise still open."""
    request = desk.road().to(state)
    last = OutboxRow.objects.order_by("id").last()
    assert last is not None
    OutboxRow.objects.exclude(pk=last.pk).delete()
    return request


def told(desk: Desk, state: State, mails: list[EmailMessage]) -> list[str]:
    in_state(desk, state)
    delivered(NOW)
    return addressees(mails)


@pytest.mark.parametrize(
    ("state", "people"),
    [
        (State.DRAFT, []),
        (State.SUBMITTED, ["handler", "verifier"]),
        (State.RETURNED, ["clerk"]),
        (State.VERIFYING, ["handler", "verifier"]),
        (State.IN_REVIEW, ["handler", "verifier"]),
        (State.PENDING_APPROVAL, ["approver", "second"]),
        (State.APPROVED, ["release"]),
        (State.NO_DATA, ["release"]),
        (State.REFUSED, ["release"]),
        (State.EMERGENCY_PENDING, ["approver", "handler", "second", "verifier"]),
        (State.AWAITING_RATIFICATION, ["approver", "head", "second"]),
        (State.BREACH_ASSESSMENT, ["dpo", "head"]),
        (State.TRANSFERRED, ["head"]),
        (State.CLOSED, []),
    ],
)
def test_those_whose_turn_it_is_are_told(desk, mailoutbox, state, people) -> None:
    if state is State.DRAFT:
        desk.recorded()
        delivered(NOW)
        assert addressees(mailoutbox) == people
    else:
        assert told(desk, state, mailoutbox) == people


def test_a_mail_names_the_reference_and_nothing_of_the_request(desk, mailoutbox) -> None:
    road = desk.road()
    road.approve()
    delivered(NOW)
    sweep(now=LATE)
    delivered(LATE)
    assert addressees(mailoutbox) == ["dpo", "head", "release"]
    secrets = [
        "Alex",
        "Example-",
        "Sample",
        "Specimen",
        "Northshire",
        "Fraud",
        "PAYMENTS",
        "payment",
        "Robin",
        "NS/",
    ]
    for mail in mailoutbox:
        text = f"{mail.subject}\n{mail.body}"
        assert not [secret for secret in secrets if secret in text]


def test_a_mail_has_its_reference_and_its_link(desk, mailoutbox) -> None:
    request = in_state(desk, State.SUBMITTED)
    delivered(NOW)
    mail = mailoutbox[0]
    assert mail.subject == f"{request.reference} has come in and waits to be triaged"
    assert f"\nhttp://localhost:8000/requests/{request.reference}/\n" in mail.body
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_data_holder_learns_of_the_search_and_not_of_the_request(desk, mailoutbox) -> None:
    road = desk.road()
    road.confirm()
    OutboxRow.objects.all().delete()
    task = ask_for_search(
        request_id=road.request.pk,
        system_id=HeldSystem.objects.get(code="billing").pk,
        actor=desk.people["handler"],
        now=NOW,
    )
    delivered(NOW)
    (mail,) = mailoutbox
    assert addressees(mailoutbox) == ["holder"]
    assert task.reference in mail.subject
    assert road.request.reference not in f"{mail.subject}{mail.body}"
    mailoutbox.clear()
    road.answer(task)
    delivered(NOW)
    assert addressees(mailoutbox) == ["handler", "verifier"]


def test_whoever_has_it_is_told_instead_of_all_handlers(desk, mailoutbox) -> None:
    road = desk.road()
    road.submit()
    people = desk.people
    assign_request(request_id=road.request.pk, assignee=people["handler"], actor=people["lead"], now=NOW)
    road.step("handler", Action.ACCEPT)
    OutboxRow.objects.exclude(payload__to="VERIFYING").delete()
    delivered(NOW)
    assert addressees(mailoutbox) == ["handler"]


def test_an_excluded_person_is_not_told(desk, mailoutbox) -> None:
    request = in_state(desk, State.SUBMITTED)
    exclude_person(
        request_id=request.pk,
        person=desk.people["handler"],
        reason="A relative.",
        actor=desk.people["lead"],
        now=NOW,
    )
    delivered(NOW)
    assert addressees(mailoutbox) == ["verifier"]


def test_a_restricted_request_is_told_to_its_members_only(desk, mailoutbox) -> None:
    """No handler is a member yet, so the members themselves hear of it; nobody else ever does."""
    road = desk.road()
    road.record(restricted=True, received_at=NOW)
    road.submit()
    delivered(NOW)
    sweep(now=LATE)
    delivered(LATE)
    assert set(addressees(mailoutbox)) == {"clerk", "mlro"}


def test_what_is_handed_to_legal_is_told_to_legal_with_its_reference_alone(desk, mailoutbox) -> None:
    request = in_state(desk, State.TRANSFERRED)
    delivered(NOW)
    assert [mail.subject for mail in mailoutbox] == [
        f"{request.reference} is handed to legal, and its day runs on there"
    ]


@pytest.mark.parametrize("named", [True, False])
def test_a_restricted_document_for_legal_is_told_to_its_members_alone(desk, mailoutbox, named: bool) -> None:
    """Whoever heads legal hears of it as a member, and not at all otherwise."""
    road = OrderRoad(desk.people, desk.police, NOW, number=903)
    if not named:
        road.members = {key: role for key, role in road.members.items() if key != "head"}
    road.record(instrument=replace(production_order(road), code="O-DWP"))
    road.submit()
    OutboxRow.objects.all().delete()
    road.step("handler", Action.TRANSFER)
    delivered(NOW)
    assert ("head" in addressees(mailoutbox)) == named
    members = {*road.members, "clerk", "mlro"}
    assert set(addressees(mailoutbox)) <= members
    assert mailoutbox


def test_without_anybody_in_the_role_the_head_of_legal_is_told(desk, mailoutbox) -> None:
    for key in ("approver", "second"):
        membership = Membership.objects.get(user=desk.people[key])
        end_membership(membership_id=membership.pk, at=NOW + timedelta(days=1), actor=None, now=NOW)
    in_state(desk, State.PENDING_APPROVAL)
    delivered(NOW + timedelta(days=2))
    assert addressees(mailoutbox) == ["head"]


def test_a_request_that_moved_on_is_not_announced_any_more(desk, mailoutbox) -> None:
    desk.road().accept()
    delivered(NOW)
    assert {mail.subject.split(" ", 1)[1] for mail in mailoutbox} == {"waits to be verified"}
    assert not OutboxRow.objects.filter(done_at=None).exists()


def test_a_clock_that_was_stopped_in_the_meantime_is_not_reminded_of(desk, mailoutbox) -> None:
    road = desk.road()
    road.record(received_at=NOW)
    road.submit()
    sweep(now=LATE)
    road.now = LATE
    road.step("clerk", Action.WITHDRAW)
    delivered(LATE)
    assert mailoutbox == []


def test_who_lost_the_role_before_the_mail_went_does_not_get_it(desk, mailoutbox, broken_mail) -> None:
    in_state(desk, State.SUBMITTED)
    delivered(NOW)
    membership = Membership.objects.get(user=desk.people["verifier"])
    end_membership(membership_id=membership.pk, at=NOW + timedelta(seconds=1), actor=None, now=NOW)
    broken_mail.clear()
    delivered(NOW + timedelta(minutes=1))
    assert addressees(mailoutbox) == ["handler"]


def test_a_mail_server_that_is_away_puts_the_mail_off_and_keeps_the_code_only(
    desk, mailoutbox, broken_mail
) -> None:
    in_state(desk, State.RETURNED)
    delivered(NOW)
    row = OutboxRow.objects.get(topic="mail")
    assert (row.last_error, row.attempts, row.done_at) == ("ConnectionRefusedError", 1, None)
    broken_mail.clear()
    assert delivered(NOW + timedelta(seconds=29)) == 0
    assert delivered(NOW + timedelta(seconds=30)) == 1
    assert addressees(mailoutbox) == ["clerk"]


@pytest.mark.parametrize(("restricted", "said"), [(False, 1), (True, 0)])
def test_a_mail_that_was_put_off_is_told_to_the_log_file_unless_it_is_of_a_secret(
    desk, broken_mail, caplog, restricted: bool, said: int
) -> None:
    """Nor does the line number the row: there would be gaps where restricted requests promised something."""
    road = desk.road()
    road.record(restricted=restricted)
    road.step("clerk", Action.SUBMIT)
    delivered(NOW)
    lines = {record.getMessage() for record in caplog.records if "not kept" in record.getMessage()}
    assert len(lines) == said
    assert lines <= {"A promise (mail) was not kept at attempt 1: ConnectionRefusedError"}
    assert OutboxRow.objects.filter(last_error="ConnectionRefusedError").exists()


def test_a_mail_sent_twice_can_be_told_by_its_message_id(desk, mailoutbox, monkeypatch) -> None:
    """Killed between sending and noting it: the mail goes again, under the same Message-ID."""
    in_state(desk, State.RETURNED)
    complete = outbox.complete
    monkeypatch.setattr(
        outbox, "complete", lambda row, now: row.topic != delivering.MAIL and complete(row, now=now)
    )
    delivered(NOW)
    monkeypatch.setattr(outbox, "complete", complete)
    delivered(NOW + outbox.LEASE)
    first, second = (mail.message() for mail in mailoutbox)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@localhost>")


def test_nobody_without_the_secret_can_try_the_keys_behind_a_message_id(desk, mailoutbox, settings) -> None:
    """A reminder's key holds the number of its clock: two mails would tell how many clocks came between, secret ones too."""
    person, made = desk.people["handler"], []
    for secret in ("one", "another", "one"):
        settings.AUDIT_SESSION_KEY = secret
        mail = notifications.envelope(person, "A subject\nA body", f"reminder:1:1:HALF::{person.ref}")
        made.append(mail.extra_headers["Message-ID"])
    assert made[0] == made[2] != made[1]


def test_two_people_get_two_message_ids(desk, mailoutbox) -> None:
    in_state(desk, State.SUBMITTED)
    delivered(NOW)
    assert len({mail.message()["Message-ID"] for mail in mailoutbox}) == 2


def test_a_topic_of_a_newer_release_waits_for_it(desk, mailoutbox) -> None:
    with transaction.atomic():
        outbox.put(key="new", topic="from.the.future", payload={"request": 1}, not_before=NOW)
    assert delivered(NOW) == 1
    row = OutboxRow.objects.get(key="new")
    assert (row.last_error, row.done_at, row.lease_token) == ("UNKNOWN_TOPIC", None, None)


def test_where_nobody_can_be_told_the_promise_stays_open(desk, mailoutbox) -> None:
    in_state(desk, State.SUBMITTED)
    for key in ("handler", "verifier", "head"):
        membership = Membership.objects.get(user=desk.people[key])
        end_membership(membership_id=membership.pk, at=NOW + timedelta(seconds=1), actor=None, now=NOW)
    delivered(NOW + timedelta(minutes=1))
    assert OutboxRow.objects.get().last_error == "NOBODY_TO_TELL"


def body_of_overdue(desk: Desk, request: Request, now: datetime) -> str:
    payload = {"deadline": clock_of(request).pk, "due_version": 1, "threshold": Threshold.OVERDUE.value}
    notice = notifications.notice_for("reminder", payload, now)
    assert notice is not None
    return notifications.mail_to(desk.people["head"], notice, "key").body


def test_an_overdue_order_is_called_one_in_words(desk) -> None:
    assert "contempt" not in body_of_overdue(desk, desk.recorded(), LATE)
    order = OrderRoad(desk.people, desk.police, NOW, number=901)
    request = order.record(received_at=NOW)
    body = body_of_overdue(desk, request, NOW + timedelta(days=20))
    assert "compulsory instrument. Being late may be contempt of court" in body
    assert "Due: Monday 2 March 2026." not in body


def test_the_ladder_of_an_order_reaches_the_nominated_officer_too(desk, mailoutbox) -> None:
    """The row of the instrument names the ladder; of a restricted request only its members hear."""
    order = OrderRoad(desk.people, desk.police, NOW, number=902)
    order.record(received_at=NOW)
    OutboxRow.objects.all().delete()
    late = NOW + timedelta(days=20)
    sweep(now=late)
    delivered(late)
    assert addressees(mailoutbox) == ["dpo", "head", "mlro"]
    assert all("contempt" in mail.body for mail in mailoutbox)


def test_the_notice_period_is_news_for_the_nominated_officer_only(desk, mailoutbox) -> None:
    request = desk.recorded(received_at=NOW)
    with transaction.atomic():
        open_clock(
            request=request, purpose=Purpose.NOTICE_PERIOD, rule=Rule(code="WN", scheme="EW", n=7), starts_at=NOW,
            actor=None, now=NOW,
        )  # fmt: skip
    OutboxRow.objects.all().delete()
    ended = NOW + timedelta(days=10)
    sweep(now=ended)
    sweep(now=ended + timedelta(days=1))
    delivered(ended + timedelta(days=1))
    told = [mail.to[0].split("@")[0] for mail in mailoutbox if "Notice period: has ended" in mail.subject]
    assert sorted(told) == ["head", "mlro"]


def test_a_decided_request_is_reminded_by_the_ladder_it_was_decided_under(desk, monkeypatch) -> None:
    """A later version names another ladder: what is pinned keeps its own, what is open follows the new one."""
    pinned, still_open = desk.road(), desk.road()
    pinned.record(received_at=NOW)
    still_open.record(received_at=NOW)
    row = INSTRUMENTS["P-DPA2"]
    line = {name: getattr(row, name) for name in row.__slots__}
    Instrument.objects.filter(request=pinned.request).update(
        terms_pinned_at=NOW, catalogue_version=row.version
    )
    weekly = replace(LADDERS["HOUSE"], code="WEEKLY", overdue_days=7)
    monkeypatch.setattr(catalogue_versions, "recorded", lambda: {("P-DPA2", row.version): line})
    monkeypatch.setattr(ladders, "recorded", lambda: {("P-DPA2", row.version): line})
    monkeypatch.setitem(LADDERS, "WEEKLY", weekly)
    monkeypatch.setitem(INSTRUMENTS, "P-DPA2", replace(row, version=row.version + 1, ladder="WEEKLY"))
    for day in range(3):
        sweep(now=datetime(2026, 3, 19, 9, tzinfo=UTC) + timedelta(days=day))
    counted = Counter(
        Reminder.objects.filter(threshold="OVERDUE").values_list("deadline__request_id", flat=True)
    )
    assert counted == {pinned.request.pk: 3, still_open.request.pk: 1}


def test_the_steps_promise_nothing_personal(desk) -> None:
    desk.road().close()
    for payload in OutboxRow.objects.values_list("payload", flat=True):
        assert set(payload) <= {"request", "to", "task"}
        assert all(isinstance(value, int) or value in set(State) for value in payload.values())
