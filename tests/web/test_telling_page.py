"""The page on which it is recorded whether the person was told."""

import pytest
from django.utils.timezone import localdate

from disclosures.models import SubjectNotice
from disclosures.services.subject_notices import propose_due_notices
from disclosures.states import State
from tests.world import World

from .work_pages import Browsers, address, at, page_of

pytestmark = pytest.mark.django_db


def telling(world: World, **changed: str) -> dict[str, str]:
    today = localdate(world.now)
    return {
        "do": "told", "told-told_on_day": str(today.day), "told-told_on_month": str(today.month),
        "told-told_on_year": str(today.year), "told-manner": "TELEPHONE", "told-words": "Rung by the data officer.",
        **changed,
    }  # fmt: skip


def test_it_is_proposed_answered_and_read_on_the_request(world: World, browser_of: Browsers) -> None:
    road, handler = at(world, State.IN_REVIEW), browser_of("handler")
    where, here = address(road, "telling"), f"/requests/{road.request.reference}/"
    no = {
        "do": "not-told", "not-why": "It would warn her.", "not-review_on_day": "1", "not-review_on_month": "2",
        "not-review_on_year": "2090",
    }  # fmt: skip
    assert handler.post(where, no).status_code == 302
    said = page_of(handler.get(where)).text
    assert "1 February 2090" in said
    assert "It would warn her." in said
    assert "is to be considered" not in handler.get(here).content.decode()
    assert handler.post(where, telling(world)).status_code == 302
    shown = page_of(handler.get(here)).text
    assert "The person was told" in shown
    assert "Rung by the data officer." in shown


def test_what_is_proposed_stands_at_the_head_of_the_request_until_it_is_answered(
    world: World, browser_of: Browsers
) -> None:
    road, handler = at(world, State.IN_REVIEW), browser_of("handler")
    here = f"/requests/{road.request.reference}/"
    later = world.now.replace(year=world.now.year + 1)
    assert propose_due_notices(now=later) == 1
    assert "Whether the person is told is to be considered" in handler.get(here).content.decode()
    assert "The day for looking again has come" in page_of(handler.get(address(road, "telling"))).text
    assert handler.post(address(road, "telling"), telling(world)).status_code == 302
    assert "Whether the person is told is to be considered" not in handler.get(here).content.decode()


def test_every_problem_is_said_and_what_was_typed_stays(world: World, browser_of: Browsers) -> None:
    road, handler = at(world, State.IN_REVIEW), browser_of("handler")
    where = address(road, "telling")
    wrong = page_of(handler.post(where, {"do": "told", "told-words": "KEPT-WORDS"}), 422).text
    for sentence in (
        "How the person was told: choose one.",
        "KEPT-WORDS",
        "Day on which the person was told",
    ):
        assert sentence in wrong
    unsaid = handler.post(where, {"do": "not-told", "not-why": "It would warn her."})
    assert "give the day on which that is looked at again" in page_of(unsaid, 422).text
    assert not SubjectNotice.objects.exists()


def test_who_has_no_part_in_it_reads_who_has(world: World, browser_of: Browsers) -> None:
    road, clerk = at(world, State.IN_REVIEW), browser_of("clerk")
    where = address(road, "telling")
    assert "decides whether the person is told" in page_of(clerk.get(where)).text
    assert clerk.post(where, telling(world)).status_code == 422
    assert browser_of("auditor").get(where).status_code == 404
