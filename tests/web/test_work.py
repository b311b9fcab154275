"""The work pages of a request, through the browser: what they show, refuse, keep and record."""

from datetime import date

import pytest
from django.utils.timezone import localdate

from disclosures.models import Assessment, Evidence, HeldSystem, Opinion, Request, SearchTask
from disclosures.services.intake import ItemInput
from disclosures.services.systems import change_system
from disclosures.states import State
from tests.services.log_lines import entries
from tests.web.work_pages import Browsers, address, at, goes_back, moment, page_of
from tests.world import World

pytestmark = pytest.mark.django_db

WORK = {
    "evidence": (State.VERIFYING, "verifier"),
    "ask": (State.IN_REVIEW, "handler"),
    "tests": (State.IN_REVIEW, "handler"),
    "opinion": (State.IN_REVIEW, "dpo"),
    "counsel": (State.IN_REVIEW, "handler"),
    "items": (State.IN_REVIEW, "handler"),
    "assign": (State.IN_REVIEW, "lead"),
    "exclude": (State.IN_REVIEW, "lead"),
    "restrict": (State.IN_REVIEW, "head"),
    "open": (State.SUBMITTED, "mlro"),
}


@pytest.mark.parametrize("page", WORK)
def test_each_page_opens_for_whom_it_is_for_and_does_not_exist_for_others(
    world: World, browser_of: Browsers, page: str
) -> None:
    state, who = WORK[page]
    road = at(world, state)
    assert page_of(browser_of(who).get(address(road, page))).every("h1")
    for other in ("outsider", "auditor", "release", "holder"):
        for path in (address(road, page), f"/requests/CP-2222-2222/{page}/"):
            assert browser_of(other).get(path).status_code == 404
            assert browser_of(other).post(path, {}).status_code == 404


@pytest.mark.parametrize(
    "page", ["evidence", "ask", "tests", "opinion", "counsel", "items", "exclude", "restrict", "open"]
)
def test_an_empty_form_is_answered_with_every_problem_at_once(
    world: World, browser_of: Browsers, page: str
) -> None:
    state, who = WORK[page]
    road = at(world, state)
    before = Request.objects.get(pk=road.request.pk).version
    data = {"code": "CALL_BACK"} if page == "evidence" else {}
    if page == "items":
        data = {"person-1-item-1-decision": "WITHHOLD"}
    shown = page_of(browser_of(who).post(address(road, page), data), 422)
    summary = [attrs for _, attrs in shown.elements if attrs.get("class") == "error-summary"]
    assert len(summary) == 1
    targets = [link["href"][1:] for link in shown.every("a") if link.get("href", "").startswith("#id_")]
    assert targets
    assert set(targets) <= set(shown.ids)
    assert Request.objects.get(pk=road.request.pk).version == before


# Checks of the requester ---------------------------------------------------------------------


def call(world: World, number: str, **changes: str) -> dict[str, str]:
    return {
        "code": "CALL_BACK",
        "call_back-number_called": number,
        "call_back-answered_by": "Switchboard, then the officer",
        "call_back-passed": "yes",
        **moment("call_back-at", world.now),
        **changes,
    }


def test_the_register_shows_the_number_to_ring_and_the_forms_number_is_nowhere(
    world: World, browser_of: Browsers
) -> None:
    shown = page_of(browser_of("verifier").get(address(at(world, State.VERIFYING), "evidence")))
    assert "01632 960000" in shown.text
    assert world.police.switchboard_source in shown.text
    assert "960123" not in shown.html


def test_a_call_is_recorded_and_leads_back_to_the_request(world: World, browser_of: Browsers) -> None:
    road = at(world, State.VERIFYING)
    response = browser_of("verifier").post(address(road, "evidence"), call(world, "01632 960000"))
    goes_back(response, road)
    row = Evidence.objects.get(request=road.request)
    assert (row.code, row.passed, row.recorded_by) == ("CALL_BACK", True, world["verifier"])


def test_the_number_from_the_form_is_refused_and_what_was_typed_stays(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.VERIFYING)
    response = browser_of("verifier").post(address(road, "evidence"), call(world, "01632 960123"))
    shown = page_of(response, 422)
    assert "Ring the number in the register (01632 960000)" in shown.text
    assert "Switchboard, then the officer" in {box.get("value") for box in shown.every("input")}
    assert not Evidence.objects.exists()


def test_the_senders_domain_is_compared_for_the_reader(world: World, browser_of: Browsers) -> None:
    road = at(world, State.VERIFYING)
    shown = page_of(browser_of("verifier").get(address(road, "evidence")))
    assert "northshire.example is in the register for this body" in shown.text
    data = {
        "code": "SENDER_ADDRESS", "sender_address-passed": "no", "sender_address-address": "robin@elsewhere.example",
        **moment("sender_address-at", world.now),
    }  # fmt: skip
    goes_back(browser_of("verifier").post(address(road, "evidence"), data), road)
    assert Evidence.objects.get(request=road.request).passed is False


def test_the_clerk_who_took_it_in_is_told_not_to_ring(world: World, browser_of: Browsers) -> None:
    world.give("clerk", "HANDLER")
    road = at(world, State.VERIFYING)
    shown = page_of(browser_of("clerk").get(address(road, "evidence")))
    assert "a colleague must ring the officer back" in shown.text
    assert "call_back-number_called" not in shown.html


def test_opening_a_page_that_shows_the_request_is_in_the_log(world: World, browser_of: Browsers) -> None:
    road = at(world, State.VERIFYING)
    browser_of("verifier").get(address(road, "evidence"))
    assert entries("request.viewed")[-1]["actor"]["ref"] == world["verifier"].ref
    browser_of("lead").get(address(road, "assign"))
    assert len(entries("request.viewed")) == 1, "a page that shows nothing personal opens nothing"


# Searches asked for --------------------------------------------------------------------------


def test_several_systems_are_asked_at_once(world: World, browser_of: Browsers) -> None:
    road = world.road()
    month = {"period_from": date(2026, 9, 1), "period_to": date(2026, 9, 30)}
    kinds = ("PAYMENTS", "CORRESPONDENCE", "SUBSCRIBER")
    road.record(items=tuple(ItemInput(item_type=kind, **month) for kind in kinds[:2]))
    road.confirm()
    page = browser_of("handler").get(address(road, "ask"))
    boxes = [box["value"] for box in page_of(page).every("input") if box.get("name") == "systems"]
    assert len(boxes) == 2, "only the systems that hold something asked for"
    goes_back(browser_of("handler").post(address(road, "ask"), {"systems": boxes}), road)
    assert SearchTask.objects.filter(request=road.request).count() == 2
    again = page_of(browser_of("handler").get(address(road, "ask")))
    assert "Every system that holds something has been asked" in again.text


def test_what_no_system_holds_is_named(world: World, browser_of: Browsers) -> None:
    road = world.road()
    item = ItemInput(item_type="SHOP_CCTV", period_from=date(2026, 9, 1), period_to=date(2026, 9, 2))
    road.record(items=(item,))
    road.confirm()
    system = HeldSystem.objects.get(code="shops")
    change_system(
        code="shops", name=system.name, keeper=system.keeper, holds=system.holds, is_active=False,
        seen=system.version, actor=world["lead"], now=world.now,
    )  # fmt: skip
    shown = page_of(browser_of("handler").get(address(road, "ask")))
    assert "Held by no system in the register" in shown.text
    assert "Item 1: Shop camera footage" in shown.text


# Tests and opinions --------------------------------------------------------------------------

ANSWERS = {
    "necessary": "yes",
    "necessity_note": "Nothing less would do.",
    "proportionate": "no",
    "proportionality_note": "Too long a period.",
    "prejudice_likely": "yes",
    "prejudice_note": "The person would flee.",
    "authentic": "yes",
    "purpose_lawful": "yes",
    "purpose_note": "An investigation of fraud.",
    "alternatives_note": "A shorter period would not do.",
    "compatibility": "CRIME",
    "communications_data": "no",
    "basis": "EA_CRIME",
    "exemption": "SCH2_2",
    "extent_note": "Telling the person.",
}


def test_the_officers_statements_stand_beside_the_questions(world: World, browser_of: Browsers) -> None:
    shown = page_of(browser_of("handler").get(address(at(world, State.IN_REVIEW), "tests")))
    for words in ("identified in no other way", "Payments of one month only", "likely not to be found"):
        assert words in shown.text


def test_the_answers_are_recorded_and_shown_again(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    goes_back(browser_of("handler").post(address(road, "tests"), {**ANSWERS, "second_look": "on"}), road)
    row = Assessment.objects.get(request=road.request)
    assert (row.necessary, row.proportionate, row.prejudice_likely) == (True, False, True)
    shown = page_of(browser_of("handler").get(address(road, "tests")))
    assert "Too long a period." in shown.text
    chosen = [(box["name"], box.get("value")) for box in shown.every("input") if "checked" in box]
    assert ("proportionate", "no") in chosen
    assert "second_look" in {name for name, _ in chosen}
    assert row.second_look


def test_a_test_without_its_reason_keeps_the_other_answers(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    data = {**ANSWERS, "prejudice_note": ""}
    shown = page_of(browser_of("handler").post(address(road, "tests"), data), 422)
    assert "What the prejudice would be, or why there is none” needs an answer" in shown.text
    assert "Too long a period." in shown.text
    assert not Assessment.objects.exists()


def test_an_adviser_is_told_in_which_part_they_speak(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    assert (
        "as money laundering reporting officer"
        in page_of(browser_of("mlro").get(address(road, "opinion"))).text
    )
    data = {"in_favour": "no", "advice": "The period is too long."}
    goes_back(browser_of("dpo").post(address(road, "opinion"), data), road)
    row = Opinion.objects.get(request=road.request)
    assert (row.by_role, row.in_favour, row.given_by) == ("DPO", False, world["dpo"])


def test_counsels_advice_is_written_down_with_its_author_and_day(world: World, browser_of: Browsers) -> None:
    road, handler, day = at(world, State.IN_REVIEW), browser_of("handler"), localdate(world.now)
    data = {
        "adviser": "Example Counsel", "in_favour": "no", "advice": "The period is too long.",
        "advised_on_day": str(day.day), "advised_on_month": str(day.month), "advised_on_year": str(day.year),
    }  # fmt: skip
    goes_back(handler.post(address(road, "counsel"), data), road)
    shown = page_of(handler.get(f"/requests/{road.request.reference}/")).text
    assert "Company’s counsel: against" in shown
    assert "Example Counsel" in shown


def test_no_page_of_work_stays_in_the_browsers_cache(world: World, browser_of: Browsers) -> None:
    response = browser_of("verifier").get(address(at(world, State.VERIFYING), "evidence"))
    assert "no-store" in response["Cache-Control"]
