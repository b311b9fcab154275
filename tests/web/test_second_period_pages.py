"""The page of what second periods hang on, and the clocks side by side on the page of the request."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from accounts.days import british
from disclosures.catalogue import INSTRUMENTS
from disclosures.models import Deadline, PeriodEvent
from disclosures.states import Action
from tests.services.test_each_instrument import AnyRoad
from tests.services.test_second_periods import corrected
from tests.world import World

from .test_company import words
from .work_pages import Browsers, address, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(world: World) -> AnyRoad:
    made = AnyRoad(world, INSTRUMENTS["A-T5PO"])
    made.begin()
    return made


@pytest.fixture
def notice(world: World) -> AnyRoad:
    made = AnyRoad(world, INSTRUMENTS["O-PSFA"])
    made.begin()
    return made


def here(road: AnyRoad) -> str:
    return f"/requests/{road.request.reference}/"  # type: ignore[union-attr]


def day(road: AnyRoad) -> dict[str, str]:
    today = localdate(road.now)
    return {"on_day": str(today.day), "on_month": str(today.month), "on_year": str(today.year)}


def test_the_order_is_read_and_both_clocks_stand_beside_the_answers(
    browser_of: Browsers, order: AnyRoad
) -> None:
    clerk, where = browser_of("clerk"), address(order, "second-periods")
    assert "Nobody has recorded yet whether the order also covers material" in words(clerk.get(here(order)))
    assert "Nothing is recorded yet." in page_of(clerk.get(where)).text
    wrong = page_of(clerk.post(where, {"note": "Paragraph 4"}), 422)
    assert "What is to be recorded" in wrong.text
    assert "Paragraph 4" in wrong.html, "what was typed stays"
    assert "REVIEW_ASKED" not in wrong.html, "only what this instrument knows is offered"
    assert clerk.post(where, {"what": "COVERS_LATER", "note": "Paragraph 4"}).status_code == 302
    shown = words(clerk.get(here(order)))
    assert "The order also covers what comes into our hands until" in shown
    assert "How “Material not yet held” was worked out" in shown
    handler = browser_of("handler")
    given = {"what": "CAME_IN", "note": "Told DC Sample, reference 12."}
    assert "Give the day on which it happened." in page_of(handler.post(where, given), 422).text
    assert handler.post(where, given | day(order)).status_code == 302
    shown = words(handler.get(here(order)))
    assert "What came in later is due to the constable on" in shown
    assert "How “Handing over what came in later” was worked out" in shown
    read = page_of(handler.get(where)).text
    assert "Told DC Sample, reference 12." in read
    assert order.people["handler"].display_name in read
    assert PeriodEvent.objects.count() == 2


def test_the_clock_that_is_due_stands_first_though_the_window_ends_before(
    browser_of: Browsers, notice: AnyRoad
) -> None:
    shown = words(browser_of("handler").get(here(notice)))
    assert "A review of the notice can be asked for until" in shown
    assert "How “Asking for a review” was worked out" in shown
    answer = Deadline.objects.get(request=notice.request, purpose="ANSWER")
    review = Deadline.objects.get(request=notice.request, purpose="REVIEW_REQUEST")
    assert review.due_at < answer.due_at  # type: ignore[operator]
    assert shown.index("Answer:") < shown.index("Asking for a review")


def test_a_window_that_has_ended_says_so_and_is_not_overdue(browser_of: Browsers, notice: AnyRoad) -> None:
    corrected(notice, code="O-PSFA", served_on=localdate(notice.now) - timedelta(days=12))
    review = Deadline.objects.get(request=notice.request, purpose="REVIEW_REQUEST", stopped_at=None)
    assert review.due_on is not None
    shown = words(browser_of("handler").get(here(notice)))
    assert f"The days for asking for a review of the notice ended on {british(review.due_on)}." in shown
    card = shown[shown.index("How “Asking for a review”") :]
    assert f"{british(review.due_on)}." in card.partition("Ended ")[2].partition("the start")[0]
    assert "overdue by 5 days" not in card


def test_what_was_handed_to_legal_says_that_the_review_is_theirs(
    browser_of: Browsers, notice: AnyRoad
) -> None:
    notice.step("clerk", Action.SUBMIT)
    notice.step("handler", Action.TRANSFER)
    shown = words(browser_of("handler").get(here(notice)))
    assert "since it was handed on, that is with legal" in shown


def test_a_review_that_was_asked_for_says_who_counts_the_time_anew(
    browser_of: Browsers, notice: AnyRoad
) -> None:
    handler, where = browser_of("handler"), address(notice, "second-periods")
    given = {"what": "REVIEW_ASKED", "note": "Legal, by secure mail."}
    assert handler.post(where, given | day(notice)).status_code == 302
    shown = words(handler.get(here(notice)))
    assert "the issuer’s time begins anew; legal counts it" in shown
    again = page_of(handler.post(where, given | day(notice)), 422).text
    assert "That a review was asked for is recorded already." in again


def test_whoever_is_no_member_finds_nothing(browser_of: Browsers, order: AnyRoad) -> None:
    for who in ("lead", "auditor", "outsider"):
        browser = browser_of(who)
        assert browser.get(address(order, "second-periods")).status_code == 404
        assert browser.post(address(order, "second-periods"), {"what": "COVERS_LATER"}).status_code == 404
    assert not PeriodEvent.objects.exists()


def test_another_instrument_has_no_second_period(world: World, browser_of: Browsers) -> None:
    plain = world.road()
    plain.record()
    handler = browser_of("handler")
    assert "has no second period" in page_of(handler.get(address(plain, "second-periods"))).text
    assert "Second periods" not in words(handler.get(here(plain)))
    refused = handler.post(address(plain, "second-periods"), {"what": "COVERS_LATER", "note": "x"})
    assert refused.status_code == 422


def test_the_catalogue_tells_of_the_second_periods(browser_of: Browsers) -> None:
    shown = words(browser_of("handler").get("/instruments/A-T5PO/"))
    assert "Beside it: Material not yet held: CI 28" in shown
