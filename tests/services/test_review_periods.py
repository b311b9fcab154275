"""The days for asking for a review of a notice: Public Authorities (Fraud, Error and Recovery) Act 2025, section 4."""

from datetime import date

import pytest
from django.utils.timezone import localdate

from disclosures.catalogue import INSTRUMENTS
from disclosures.models import Deadline, Request
from disclosures.models import Instrument as InstrumentRow
from disclosures.notifications import notice_for
from disclosures.record import as_json
from disclosures.selectors import queues
from disclosures.selectors.decision_record import decision_record
from disclosures.services import ActionRefused
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.services.test_each_instrument import AnyRoad, bound
from tests.services.test_second_periods import DAY, clocks, corrected, fresh, noon, tell
from tests.world import World

__all__ = ["bound"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(bound: World) -> AnyRoad:
    made = AnyRoad(bound, INSTRUMENTS["O-PSFA"])
    made.begin()
    return made


def served_on(road: AnyRoad) -> date:
    day = InstrumentRow.objects.get(request=road.request).served_on
    assert day is not None
    return day


def test_a_notice_of_the_fraud_authority_has_seven_days_for_a_review_beside_its_own(notice: AnyRoad) -> None:
    found = clocks(notice)
    assert set(found) == {"ANSWER", "REVIEW_REQUEST"}
    review = found["REVIEW_REQUEST"]
    assert (review.rule, review.n, review.scheme) == ("CX", 7, "UK")
    assert review.due_on == served_on(notice) + 7 * DAY
    assert found["ANSWER"].rule == "MIN_WN"
    assert fresh(notice).due_on == found["ANSWER"].due_on, "what may be asked for is nothing that is due"
    assert review.due_on is not None
    assert review.due_on < fresh(notice).due_on  # type: ignore[operator]


def test_legal_is_told_until_when_a_review_can_be_asked_for_and_then_it_is_with_them(notice: AnyRoad) -> None:
    until = clocks(notice)["REVIEW_REQUEST"].due_on
    notice.step("clerk", Action.SUBMIT)
    assert notice.step("handler", Action.TRANSFER).state == State.TRANSFERRED
    assert last("request.step_taken")["detail"]["review_until"] == str(until)
    assert clocks(notice) == {}
    printed = as_json(
        decision_record(fresh(notice), actor=notice.people["handler"], now=notice.now, form="JSON")
    )
    assert "Asking for a review" in printed


def test_another_instrument_that_is_handed_on_says_nothing_of_a_review(bound: World) -> None:
    road = AnyRoad(bound, INSTRUMENTS["O-DWP"])
    road.begin()
    road.step("clerk", Action.SUBMIT)
    road.step("handler", Action.TRANSFER)
    assert "review_until" not in last("request.step_taken")["detail"]


def test_a_review_that_was_asked_for_ends_the_days_for_asking_for_good(notice: AnyRoad) -> None:
    tell(notice, "REVIEW_ASKED", localdate(notice.now), note="Legal, by secure mail.")
    assert set(clocks(notice)) == {"ANSWER"}
    stopped = Deadline.objects.get(request=notice.request, purpose="REVIEW_REQUEST")
    assert stopped.derivation[-1]["words"] == "a review was asked for; from its outcome the time begins anew"
    with pytest.raises(ActionRefused) as refused:
        tell(notice, "REVIEW_ASKED", localdate(notice.now))
    assert {row.guard for row in refused.value.objections} == {"review_is_asked_for_once"}
    day = localdate(notice.now)
    corrected(notice, code="O-PSFA", served_on=day, stated_due_on=day + 20 * DAY)
    assert set(clocks(notice)) == {"ANSWER"}


def test_the_days_for_a_review_follow_the_day_of_service_once_it_is_known(notice: AnyRoad) -> None:
    corrected(notice, code="O-PSFA", served_on=None)
    assert clocks(notice)["REVIEW_REQUEST"].due_on == localdate(fresh(notice).received_at) + 7 * DAY
    day = localdate(notice.now) - 3 * DAY
    corrected(notice, code="O-PSFA", served_on=day)
    assert clocks(notice)["REVIEW_REQUEST"].due_on == day + 7 * DAY


def test_the_days_for_a_review_that_are_over_were_not_missed(notice: AnyRoad) -> None:
    review = clocks(notice)["REVIEW_REQUEST"]
    after = noon(review.due_on) + 2 * DAY
    assert after < fresh(notice).due_at  # type: ignore[operator]
    assert not queues.filtered(Request.objects.all(), overdue=True, now=after).exists()
    payload = {"deadline": review.pk, "due_version": review.due_version, "threshold": "OVERDUE"}
    told = notice_for("reminder", payload, after)
    assert told is not None
    assert not told.contempt_risk
    assert told.words == "Asking for a review: has ended"
