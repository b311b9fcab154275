"""The page of the items does not offer what a guard would refuse: it says why, and what can be done instead."""

import re
from datetime import date

import pytest

from disclosures.demo import Road
from disclosures.models import ItemDecision
from disclosures.services.intake import ItemInput
from tests.services.test_objections import ANN, BEN, consent, road, says
from tests.services.test_schemes import answer
from tests.web.html import Page
from tests.world import World

from .test_work_items import names, with_shown
from .work_pages import Browsers, address, page_of

pytestmark = pytest.mark.django_db

MONTH = {"period_from": date(2026, 9, 1), "period_to": date(2026, 9, 30)}


def searched(made: Road, **changes: object) -> Road:
    made.record(**changes)  # type: ignore[arg-type]
    made.confirm()
    made.search()
    return made


def offered(page: Page, person: int) -> set[str]:
    """The decisions that can be chosen for the person's only item."""
    _, _, after = page.html.partition(f'<select name="person-{person}-item-1-decision"')
    return set(re.findall(r'<option value="([^"]*)"', after.partition("</select>")[0]))


def test_whoever_may_not_be_given_to_the_company_is_not_offered_and_the_page_says_why(
    world: World, browser_of: Browsers
) -> None:
    consent(world, ANN)
    asked = searched(road(world))
    handler = browser_of("handler")
    page = page_of(handler.get(address(asked, "items")))
    assert "DISCLOSE" in offered(page, 1)
    assert "DISCLOSE" not in offered(page, 2)
    assert "Cannot be disclosed as things stand. This person has given no consent to e-mail" in page.text
    assert "Withhold with R-OPT." in page.text
    forged = with_shown(page, **names(2, decision="DISCLOSE"))
    assert (
        "This person has given no consent" in page_of(handler.post(address(asked, "items"), forged), 422).text
    )
    assert not ItemDecision.objects.exists()


def test_an_item_of_a_scheme_is_offered_once_legal_has_answered(world: World, browser_of: Browsers) -> None:
    asked = searched(world.road(), items=(ItemInput(item_type="CREDIT_SEARCHES", **MONTH),))
    handler = browser_of("handler")
    page = page_of(handler.get(address(asked, "items")))
    assert "DISCLOSE" not in offered(page, 1)
    assert "Withhold it with R-THIRD, or let legal record" in page.text
    answer(world, asked)
    page = page_of(handler.get(address(asked, "items")))
    assert "DISCLOSE" in offered(page, 1)
    assert "Cannot be disclosed" not in page.text


def test_what_was_decided_before_somebody_objected_is_shown_to_be_decided_again(
    world: World, browser_of: Browsers
) -> None:
    consent(world, ANN, BEN)
    asked = searched(road(world))
    asked.decide()
    says(world, "OBJECTION_MARKETING", BEN, 0.01)
    handler = browser_of("handler")
    page = page_of(handler.get(address(asked, "items")))
    assert offered(page, 2) >= {"", "WITHHOLD"}
    assert "DISCLOSE" not in offered(page, 2)
    given = with_shown(page, **names(2, decision="WITHHOLD", refusal_code="R-OPT"))
    assert handler.post(address(asked, "items"), given).status_code == 302
    decided = ItemDecision.objects.filter(request=asked.request).values_list("subject__position", "decision")
    assert dict(decided) == {1: "DISCLOSE", 2: "WITHHOLD"}
