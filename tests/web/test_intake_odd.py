"""Whatever is sent to the intake form is answered in words, and nothing half-written stays."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from disclosures.demo import sample_intake
from disclosures.models import Request
from disclosures.states import State
from tests.web.filling import Values
from tests.web.html import Page
from tests.world import World

from .test_intake import edit_of, least, words_of

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]
NEW = "/requests/new/schedule-2/"


# What nobody types by accident ---------------------------------------------------------------

ODD = ("\x00", "x" * 20_000, "Ω\u202e😀", "-1", "9" * 40, "<script>", "٣")


def test_no_answer_whatever_breaks_the_page(world: World, browser_of: Browsers) -> None:
    form = least(browser_of("clerk"))
    names = [name for name in form if name not in {"save", "key"}]
    one_by_one = [{name: [ODD[number % len(ODD)]]} for number, name in enumerate(names)]
    all_at_once = [{name: [odd] for name in names} for odd in ODD]
    for answers in (*one_by_one, *all_at_once):
        status = browser_of("clerk").post(NEW, form | answers).status_code
        assert status in {200, 302, 422}, (list(answers)[:1], status)


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"save": "submit"},
        {"channel": "POST", "nation": "EW"},
        {"channel": ["POST", "TELEPHONE"], "purposes": ["PREVENT", "NONE"]},
        {"people-TOTAL_FORMS": "x", "things-TOTAL_FORMS": "-5"},
        {"people-TOTAL_FORMS": "99999999", "people-INITIAL_FORMS": "9"},
        {"add-people": "1"},
        {"remove-people-77": "1", "people-TOTAL_FORMS": "1", "people-INITIAL_FORMS": "0"},
        {"key": "\x00"},
    ],
)
def test_a_form_that_no_page_made_is_answered_and_not_kept(
    world: World, browser_of: Browsers, posted: dict[str, Any]
) -> None:
    response = browser_of("clerk").post(NEW, posted)
    assert response.status_code in {200, 422}
    assert not Request.objects.exists()


def test_the_rows_that_did_not_arrive_are_asked_for_in_plain_words(
    world: World, browser_of: Browsers
) -> None:
    shown = words_of(browser_of("clerk").post(NEW, {"channel": "POST"}), 422)
    assert "The rows of the form did not arrive. Please type them again." in shown
    assert "ManagementForm" not in shown


def test_only_bodies_in_office_that_may_ask_are_offered(world: World, browser_of: Browsers) -> None:
    options = Page(browser_of("clerk").get(NEW).content.decode()).every("option")
    offered = {option["value"] for option in options}
    assert world.police.ref in offered
    assert world.company.ref not in offered
    form = least(browser_of("clerk"), body=world.company.ref)
    assert "Choose one of the answers shown." in words_of(browser_of("clerk").post(NEW, form), 422)


def test_the_page_says_what_is_still_open_where(world: World, browser_of: Browsers) -> None:
    shown = words_of(browser_of("clerk").get(NEW), 200)
    assert "Who asks 5 still open" in shown
    assert "Whose information 1 still open" in shown
    request = world.request_in(State.DRAFT)
    page = words_of(browser_of("clerk").get(edit_of(request)), 200)
    assert "still open" not in page
    assert sample_intake(world.police, world.now).summary in page


@pytest.mark.parametrize(
    ("rows", "most", "sentence"),
    [("people", 25, "at most 25 people"), ("things", 20, "at most 20 items")],
)
def test_a_request_has_its_measure(
    world: World, browser_of: Browsers, rows: str, most: int, sentence: str
) -> None:
    def row(number: int) -> dict[str, str]:
        part = (
            {"name": f"Name {number}", "type": "INDIVIDUAL"}
            if rows == "people"
            else {"item_type": "PAYMENTS"}
        )
        return {f"{rows}-{number}-{name}": value for name, value in part.items()}

    def form(count: int) -> Values:
        cells = {name: value for number in range(count) for name, value in row(number).items()}
        return least(browser_of("clerk"), **{f"{rows}-TOTAL_FORMS": str(count)}, **cells)

    assert sentence in words_of(browser_of("clerk").post(NEW, form(most + 1)), 422)
    assert browser_of("clerk").post(NEW, form(most)).status_code == 302
