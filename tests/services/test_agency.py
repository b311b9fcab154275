"""Sharing in the regulated sector: the agency is told before, and the report follows in its time (POCA 2002 s.339ZB to 339ZG)."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import localdate

from disclosures.catalogue import INSTRUMENTS
from disclosures.models import AgencyNotice, Deadline, Request
from disclosures.record import as_json
from disclosures.selectors import NotThere
from disclosures.selectors.decision_record import decision_record
from disclosures.services import ActionRefused
from disclosures.services.agency import record_agency_notice
from disclosures.services.sweeping import sweep
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.services.test_each_instrument import AnyRoad, agency, bound, refused_by
from tests.world import World

__all__ = ["bound"]

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["A-SHARE", "A-T21CA"])
def road(bound: World, request: pytest.FixtureRequest) -> AnyRoad:
    """Proposed with a release and signed by the second approver."""
    bound.police = agency(bound, "AGENCY")
    made = AnyRoad(bound, INSTRUMENTS[request.param])
    made.begin()
    made.step("clerk", Action.SUBMIT)
    made.step("handler", Action.ACCEPT)
    made.check()
    made.step("verifier", Action.CONFIRM)
    made.search()
    made.decide()
    made.write()
    for adviser in ("dpo", "mlro"):
        made.advise(adviser)
    made.step("handler", Action.PROPOSE)
    made.step("second", Action.CONCUR)
    return made


def tell(road: AnyRoad, who: str = "mlro", **changes: object) -> AgencyNotice:
    given: dict[str, object] = {
        "what": "NOTIFICATION", "on": localdate(road.now), "reference": "NCA/2026/17", "by_whom": "Our nominated officer",
    }  # fmt: skip
    return record_agency_notice(
        request_id=road.request.pk, actor=road.people[who], now=road.now, **(given | changes)  # type: ignore[union-attr, arg-type]
    )  # fmt: skip


def clock(road: AnyRoad) -> Deadline:
    return Deadline.objects.get(request=road.request, purpose="JOINT_REPORT", stopped_at=None)


def test_nothing_is_released_before_the_agency_was_notified(road: AnyRoad) -> None:
    assert "agency_was_notified" in refused_by(road, "approver", Action.APPROVE_RELEASE)
    tell(road)
    assert road.step("approver", Action.APPROVE_RELEASE).state == State.APPROVED
    entry = last("request.step_taken")
    assert entry["detail"]["action"] == "APPROVE_RELEASE"


def test_the_notification_is_kept_with_its_day_and_its_reference_stays_sealed(road: AnyRoad) -> None:
    tell(road)
    entry = last("agency.notified")
    assert entry["detail"]["on"] == localdate(road.now).isoformat()
    assert set(entry["commits"]) == {"reference", "by_whom"}
    assert "NCA/2026/17" not in str(entry)
    record = decision_record(road.request, actor=road.people["handler"], now=road.now, form="JSON")  # type: ignore[arg-type]
    assert "NCA/2026/17, by Our nominated officer" in as_json(record)


def test_without_a_period_of_the_agency_the_report_is_due_on_the_eighty_fourth_day(road: AnyRoad) -> None:
    day = localdate(road.now) - timedelta(days=1)
    tell(road, on=day)
    running = clock(road)
    assert (running.rule, running.n) == ("CI", 84)
    assert running.due_on == day + timedelta(days=83), "the day of the notification is the first of the 84"


def test_the_period_that_the_agency_sets_goes_before(road: AnyRoad) -> None:
    until = localdate(road.now) + timedelta(days=20)
    tell(road)
    tell(road, report_by=until)
    running = clock(road)
    assert (running.rule, running.due_on) == ("ON_INSTR", until)
    assert Deadline.objects.filter(request=road.request, purpose="JOINT_REPORT").count() == 2


def test_the_report_ends_the_clock_and_lets_the_request_be_closed(road: AnyRoad) -> None:
    tell(road)
    road.step("approver", Action.APPROVE_RELEASE)
    road.step("release", Action.START_RELEASE)
    road.send()
    request = Request.objects.get(pk=road.request.pk)  # type: ignore[union-attr]
    assert request.due_on == clock(road).due_on, "after the answer the report is what is due"
    assert "joint_report_was_made" in refused_by(road, "release", Action.CLOSE)
    tell(road, what="REPORT", who="head", reference="NCA/2026/40")
    assert last("agency.reported")["detail"]["what"] == "REPORT"
    assert not Deadline.objects.filter(request=request, purpose="JOINT_REPORT", stopped_at=None).exists()
    assert road.step("release", Action.CLOSE).state == State.CLOSED


def test_a_report_that_is_late_is_called_out_like_any_clock(road: AnyRoad) -> None:
    tell(road)
    late = road.now + timedelta(days=90)
    found = sweep(now=late)
    assert found.reminders >= 1


def test_every_fault_is_told_at_once(road: AnyRoad) -> None:
    ahead = localdate(road.now) + timedelta(days=1)
    with pytest.raises(ActionRefused) as refused:
        tell(road, what="REPORT", on=ahead, reference=" ", report_by=ahead)
    assert {objection.guard for objection in refused.value.objections} == {
        "notice_was_given", "notice_has_its_reference", "notification_came_first", "period_follows_the_notification",
    }  # fmt: skip
    assert not AgencyNotice.objects.exists()


def test_a_request_under_another_law_has_no_such_notice(world: World) -> None:
    plain = world.road()
    plain.record()
    with pytest.raises(ActionRefused) as refused:
        record_agency_notice(
            request_id=plain.request.pk, what="NOTIFICATION", on=date(2026, 1, 2), reference="x", by_whom="y",  # type: ignore[union-attr]
            actor=world["head"], now=world.now,
        )  # fmt: skip
    assert {row.guard for row in refused.value.objections} == {
        "agency_is_notified",
        "case_is_known_to_its_members_alone",
    }


def test_only_the_nominated_officer_and_the_head_of_legal_tell_of_it(road: AnyRoad) -> None:
    for who in ("handler", "approver", "clerk", "release", "lead", "outsider"):
        with pytest.raises(NotThere):
            tell(road, who=who)


def test_the_database_keeps_a_notice_as_it_was_given(road: AnyRoad) -> None:
    row = tell(road)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('UPDATE disclosures_agencynotice SET "on" = "on" - 1 WHERE id = %s', [row.pk])
