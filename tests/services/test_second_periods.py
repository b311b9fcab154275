"""The life of a second period: what it hangs on is recorded, its clock runs beside the answer's, and ends with its request."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import localdate

from disclosures.catalogue import INSTRUMENTS
from disclosures.demo import sample_intake
from disclosures.demo_kinds import OrderRoad, production_order
from disclosures.models import Deadline, PeriodEvent, Request
from disclosures.models import Instrument as InstrumentRow
from disclosures.notifications import notice_for
from disclosures.record import as_json
from disclosures.selectors import NotThere, queues
from disclosures.selectors.audit_pack import Period, _late
from disclosures.selectors.decision_record import decision_record
from disclosures.selectors.ladders import runs_contempt_risk
from disclosures.services import ActionRefused
from disclosures.services.access import assign_request
from disclosures.services.days_off import enter_day_off
from disclosures.services.extending import extend_deadline
from disclosures.services.recalculating import continue_runs
from disclosures.services.recording import amend_request
from disclosures.services.second_periods import record_period_event
from disclosures.services.sweeping import sweep
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.services.test_each_instrument import AnyRoad, bound, refused_by
from tests.world import World

__all__ = ["bound"]

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def road(bound: World) -> AnyRoad:
    """A production order in a terrorist investigation, made two days ago and recorded today."""
    made = AnyRoad(bound, INSTRUMENTS["A-T5PO"])
    made.begin()
    return made


def made_on(road: AnyRoad) -> date:
    day = InstrumentRow.objects.get(request=road.request).made_on
    assert day is not None
    return day


def tell(
    road: AnyRoad, what: str, on: date | None = None, who: str = "handler", **given: object
) -> PeriodEvent:
    said: dict[str, object] = {"note": "Paragraph 4 of the order.", "now": road.now} | given
    return record_period_event(
        request_id=road.request.pk, what=what, on=on, actor=road.people[who], **said  # type: ignore[union-attr, arg-type]
    )  # fmt: skip


def clocks(road: AnyRoad) -> dict[str, Deadline]:
    return {row.purpose: row for row in Deadline.objects.filter(request=road.request, stopped_at=None)}


def fresh(road: AnyRoad) -> Request:
    return Request.objects.get(pk=road.request.pk)  # type: ignore[union-attr]


def noon(day: date | None) -> datetime:
    assert day is not None
    return datetime.combine(day, datetime.min.time()).astimezone() + timedelta(hours=12)


def answered(road: AnyRoad) -> None:
    """The whole way to the answer, with what lay here when the order came."""
    road.step("clerk", Action.SUBMIT)
    road.step("handler", Action.ACCEPT)
    road.check()
    road.step("verifier", Action.CONFIRM)
    road.search()
    road.decide()
    road.write()
    for adviser in ("dpo", "mlro"):
        road.advise(adviser)
    road.step("handler", Action.PROPOSE)
    if road.terms.approvals == 2:
        road.step("second", Action.CONCUR)
    road.step("approver", Action.APPROVE_RELEASE)
    road.step("release", Action.START_RELEASE)
    road.send()


# Material not yet held: Terrorism Act 2000, Schedule 5, paragraph 7 -----------------------------


def test_until_somebody_has_read_it_in_the_order_only_the_answers_clock_runs(road: AnyRoad) -> None:
    assert set(clocks(road)) == {"ANSWER"}


@pytest.mark.parametrize("who", ["clerk", "handler"])
def test_an_order_that_covers_later_material_has_its_window_beside_the_answers_clock(
    road: AnyRoad, who: str
) -> None:
    before = fresh(road)
    row = tell(road, "COVERS_LATER", who=who)
    connection.check_constraints()
    window = clocks(road)["LATER_MATERIAL"]
    assert (window.rule, window.n, window.scheme) == ("CI", 28, "EW")
    assert window.due_on == made_on(road) + 27 * DAY
    after = fresh(road)
    assert (after.due_on, after.due_at) == (before.due_on, before.due_at)
    assert row.recorded_by == road.people[who]
    entry = last("period.recorded")
    assert entry["detail"]["what"] == "COVERS_LATER"
    assert set(entry["commits"]) == {"note"}
    assert "Paragraph 4" not in str(entry)


def test_whoever_reads_it_again_takes_the_answer_back(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    tell(road, "COVERS_HELD")
    assert set(clocks(road)) == {"ANSWER"}
    stopped = Deadline.objects.get(request=road.request, purpose="LATER_MATERIAL")
    assert stopped.derivation[-1]["words"] == "the order covers only what we hold"
    tell(road, "COVERS_LATER")
    assert clocks(road)["LATER_MATERIAL"].due_on == made_on(road) + 27 * DAY


def test_what_came_in_is_due_seven_days_from_the_notification_and_binds_like_the_order(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    told_on = localdate(road.now)
    row = tell(road, "CAME_IN", told_on, note="Told DC Sample by telephone, reference 12.")
    clock = clocks(road)["LATER_HAND_OVER"]
    assert (row.on, clock.rule, clock.n) == (told_on, "CI", 7)
    assert clock.due_on == told_on + 6 * DAY
    assert "LATER_MATERIAL" in clocks(road), "more may come in while the window is open"
    late = noon(clock.due_on) + DAY
    payload = {"deadline": clock.pk, "due_version": clock.due_version, "threshold": "OVERDUE"}
    notice = notice_for("reminder", payload, late)
    assert notice is not None
    assert notice.contempt_risk
    assert "MLRO" in notice.roles
    assert notice.words == "Handing over what came in later: is overdue"


def test_handed_over_it_is_over_and_what_was_told_next_is_due_next(road: AnyRoad) -> None:
    first, second = localdate(road.now) - DAY, localdate(road.now)
    tell(road, "COVERS_LATER")
    tell(road, "CAME_IN", second)
    tell(road, "CAME_IN", first, note="Told DC Sample of the first part the day before.")
    assert clocks(road)["LATER_HAND_OVER"].due_on == first + 6 * DAY
    tell(road, "HANDED_OVER", second)
    assert clocks(road)["LATER_HAND_OVER"].due_on == second + 6 * DAY
    tell(road, "HANDED_OVER", second)
    assert set(clocks(road)) == {"ANSWER", "LATER_MATERIAL"}
    last_one = Deadline.objects.filter(request=road.request, purpose="LATER_HAND_OVER").latest("id")
    assert last_one.derivation[-1]["words"] == "it was handed over"
    with pytest.raises(ActionRefused) as refused:
        tell(road, "HANDED_OVER", second)
    assert {row.guard for row in refused.value.objections} == {"something_is_to_be_handed_over"}


def test_after_the_answer_the_window_runs_on_and_what_comes_in_is_what_is_due(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    handler = road.people["handler"]
    assign_request(request_id=fresh(road).pk, assignee=handler, actor=road.people["head"], now=road.now)
    answered(road)
    request = fresh(road)
    assert request.state == State.RELEASED
    assert request not in queues.assigned_to(handler, road.now), "an answered one is done with"
    assert set(clocks(road)) == {"LATER_MATERIAL"}
    assert (request.due_on, request.due_at) == (None, None)
    tell(road, "CAME_IN", localdate(road.now))
    request, clock = fresh(road), clocks(road)["LATER_HAND_OVER"]
    assert request.due_on == clock.due_on
    late = noon(clock.due_on) + DAY
    words = {
        flag.words for flag in queues.flags_of(request, 1, late, contempt_risk=runs_contempt_risk(road.terms))
    }
    assert {"Overdue", "Contempt risk"} <= words
    assert queues.filtered(Request.objects.filter(pk=request.pk), overdue=True, now=late).exists()
    assert request in queues.assigned_to(road.people["handler"], late)


def test_a_window_that_ran_out_is_no_breach(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    answered(road)
    window = clocks(road)["LATER_MATERIAL"]
    after = noon(window.due_on) + 2 * DAY
    request = fresh(road)
    assert queues.flags_of(request, 1, after, contempt_risk=True) == queues.flags_of(
        request, 1, road.now, contempt_risk=True
    )
    assert not queues.filtered(Request.objects.all(), overdue=True, now=after).exists()
    period = Period.of(made_on(road), localdate(after), after)
    assert "Material not yet held" not in str(list(_late(period, restricted=True)))
    payload = {"deadline": window.pk, "due_version": window.due_version, "threshold": "OVERDUE"}
    notice = notice_for("reminder", payload, after)
    assert notice is not None
    assert not notice.contempt_risk
    assert (notice.words, notice.handler, notice.roles) == ("Material not yet held: has ended", True, ())
    assert sweep(now=after).reminders > 0
    assert sweep(now=after + DAY).reminders == 0, "that it has ended is said once"
    assert "Ended" in as_json(decision_record(request, actor=road.people["handler"], now=after, form="JSON"))


def test_nothing_is_closed_while_material_may_come_in_or_is_due(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    answered(road)
    window = clocks(road)["LATER_MATERIAL"]
    assert "nothing_can_come_in_any_more" in refused_by(road, "release", Action.CLOSE)
    tell(road, "CAME_IN", localdate(road.now))
    road.now = noon(window.due_on) + DAY
    assert refused_by(road, "release", Action.CLOSE) == {"later_material_was_handed_over"}
    tell(road, "HANDED_OVER", localdate(road.now))
    assert road.step("release", Action.CLOSE).state == State.CLOSED
    assert clocks(road) == {}
    with pytest.raises(ActionRefused) as refused:
        tell(road, "CAME_IN", localdate(road.now))
    assert "case_is_open" in {row.guard for row in refused.value.objections}


def test_a_request_that_is_withdrawn_stops_both(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    tell(road, "CAME_IN", localdate(road.now))
    road.step("clerk", Action.WITHDRAW)
    assert clocks(road) == {}


def test_a_return_for_information_pauses_neither(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    tell(road, "CAME_IN", localdate(road.now))
    road.step("clerk", Action.SUBMIT)
    road.step("handler", Action.RETURN)
    assert all(clock.paused_at is None for clock in clocks(road).values())
    assert set(clocks(road)) == {"ANSWER", "LATER_MATERIAL", "LATER_HAND_OVER"}


def corrected(road: AnyRoad, **of_instrument: object) -> None:
    intake = replace(
        sample_intake(road.body, road.now, road.number), received_at=fresh(road).received_at,
        instrument=replace(production_order(OrderRoad(road.people, road.body, road.now, number=1)), **of_instrument),  # type: ignore[arg-type]
    )  # fmt: skip
    amend_request(request_id=fresh(road).pk, intake=intake, actor=road.people["clerk"], now=road.now)
    connection.check_constraints()


def test_a_corrected_date_of_the_order_moves_the_window_and_not_what_was_told(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    tell(road, "CAME_IN", localdate(road.now))
    due = clocks(road)["LATER_HAND_OVER"]
    day = localdate(road.now) - 5 * DAY
    corrected(road, code="A-T5PO", made_on=day, served_on=day)
    found = clocks(road)
    assert found["LATER_MATERIAL"].due_on == day + 27 * DAY
    assert (found["LATER_HAND_OVER"].pk, found["LATER_HAND_OVER"].due_on) == (due.pk, due.due_on)
    corrected(road, code="A-PO", made_on=day, served_on=day)
    assert set(clocks(road)) == {"ANSWER"}, "another instrument has no such period"


def test_a_new_bank_holiday_moves_neither_day_and_is_told_of_on_the_last(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    tell(road, "CAME_IN", localdate(road.now))
    before = {purpose: clock.due_on for purpose, clock in clocks(road).items()}
    due = clocks(road)["LATER_HAND_OVER"].due_on
    assert due is not None
    day = due if due.weekday() < 5 else due - (due.weekday() - 4) * DAY
    enter_day_off(
        division="EW", day=day, title="Jubilee", reason="London Gazette", actor=road.people["admin"], now=road.now
    )  # fmt: skip
    continue_runs(now=road.now)
    found = clocks(road)
    assert {purpose: clock.due_on for purpose, clock in found.items()} == before
    assert found["LATER_HAND_OVER"].last_day_on is not None
    assert found["LATER_HAND_OVER"].last_day_on < day
    assert fresh(road).due_on == min(before["ANSWER"], due)  # type: ignore[type-var]


def test_the_judges_letter_moves_the_seven_days_and_nothing_moves_the_window(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    tell(road, "CAME_IN", localdate(road.now))
    until = localdate(road.now) + 20 * DAY
    given = {
        "request_id": fresh(road).pk, "until": until, "reason": "The judge varied it.", "letter_reference": "CC/9",
        "letter_on": localdate(road.now), "actor": road.people["mlro"], "now": road.now,
    }  # fmt: skip
    extend_deadline(purpose="LATER_HAND_OVER", **given)  # type: ignore[arg-type]
    assert clocks(road)["LATER_HAND_OVER"].due_on == until
    tell(road, "COVERS_LATER")
    assert clocks(road)["LATER_HAND_OVER"].due_on == until, (
        "what is recorded beside it leaves the extension alone"
    )
    with pytest.raises(ActionRefused) as refused:
        extend_deadline(purpose="LATER_MATERIAL", **given)  # type: ignore[arg-type]
    assert "clock_can_be_extended" in {row.guard for row in refused.value.objections}


def test_every_fault_is_told_at_once_and_nothing_is_kept(road: AnyRoad) -> None:
    with pytest.raises(ActionRefused) as refused:
        tell(road, "CAME_IN", localdate(road.now) + DAY, note=" ")
    assert {row.guard for row in refused.value.objections} == {
        "what_happened_has_its_day", "note_is_given", "order_covers_later_material",
    }  # fmt: skip
    with pytest.raises(ActionRefused):
        tell(road, "REVIEW_ASKED", localdate(road.now))
    assert not PeriodEvent.objects.exists()


def test_whoever_is_no_member_records_nothing(road: AnyRoad) -> None:
    for who in ("lead", "outsider", "admin"):
        with pytest.raises(NotThere):
            tell(road, "COVERS_LATER", who=who)


def test_the_database_keeps_what_was_recorded(road: AnyRoad) -> None:
    row = tell(road, "COVERS_LATER")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE disclosures_periodevent SET what = 'COVERS_HELD' WHERE id = %s", [row.pk])
    with pytest.raises(DatabaseError), transaction.atomic():
        PeriodEvent.objects.bulk_create(
            [
                PeriodEvent(
                    request=fresh(road),
                    what="CAME_IN",
                    recorded_at=road.now,
                    recorded_by=road.people["clerk"],
                )
            ]
        )


def test_the_record_prints_the_clocks_and_who_recorded_what_they_hang_on(road: AnyRoad) -> None:
    tell(road, "COVERS_LATER")
    tell(road, "CAME_IN", localdate(road.now), note="Told DC Sample, reference 12.")
    printed = as_json(decision_record(fresh(road), actor=road.people["handler"], now=road.now, form="JSON"))
    for said in (
        "Material not yet held", "Handing over what came in later", "day 28", "day 7",
        f"Told DC Sample, reference 12.; recorded by {road.people['handler'].display_name}",
    ):  # fmt: skip
        assert said in printed
