"""The work pages of a request, through the browser: what they show, refuse, keep and record."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from disclosures.catalogue import INSTRUMENTS
from disclosures.demo import Road
from disclosures.forms.fields import LONDON
from disclosures.models import (
    Assessment,
    Evidence,
    Exclusion,
    HeldSystem,
    ItemDecision,
    Opinion,
    Request,
    SearchTask,
)
from disclosures.services.intake import ItemInput, SubjectInput
from disclosures.states import Action, State
from tests.services.log_lines import entries
from tests.web.html import Page
from tests.world import World

pytestmark = pytest.mark.django_db

Browsers = Callable[[str], Client]


def at(world: World, state: State) -> Road:
    road = world.road()
    road.to(state)
    return road


def address(road: Road, page: str) -> str:
    return f"/requests/{road.request.reference}/{page}/"


def page_of(response: HttpResponse, status: int = 200) -> Page:
    assert response.status_code == status
    return Page(response.content.decode())


def moment(name: str, when: datetime) -> dict[str, str]:
    local = when.astimezone(LONDON)
    return {
        f"{name}_day": str(local.day),
        f"{name}_month": str(local.month),
        f"{name}_year": str(local.year),
        f"{name}_time": f"{local:%H:%M}",
    }


def goes_back(response: HttpResponse, road: Road) -> None:
    assert response.status_code == 302
    assert response["Location"] == f"/requests/{road.request.reference}/"


WORK = {
    "evidence": (State.VERIFYING, "verifier"),
    "ask": (State.IN_REVIEW, "handler"),
    "tests": (State.IN_REVIEW, "handler"),
    "opinion": (State.IN_REVIEW, "dpo"),
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
    "page", ["evidence", "ask", "tests", "opinion", "items", "exclude", "restrict", "open"]
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
    data = {"code": "SENDER_ADDRESS", "sender_address-passed": "no", **moment("sender_address-at", world.now)}
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
    HeldSystem.objects.filter(code="shops").update(is_active=False)
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
    "basis": "EA_CRIME",
    "exemption": "SCH2_2",
}


def test_the_officers_statements_stand_beside_the_questions(world: World, browser_of: Browsers) -> None:
    shown = page_of(browser_of("handler").get(address(at(world, State.IN_REVIEW), "tests")))
    for words in ("identified in no other way", "Payments of one month only", "likely not to be found"):
        assert words in shown.text


def test_the_answers_are_recorded_and_shown_again(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    goes_back(browser_of("handler").post(address(road, "tests"), ANSWERS), road)
    row = Assessment.objects.get(request=road.request)
    assert (row.necessary, row.proportionate, row.prejudice_likely) == (True, False, True)
    shown = page_of(browser_of("handler").get(address(road, "tests")))
    assert "Too long a period." in shown.text
    chosen = [(box["name"], box["value"]) for box in shown.every("input") if "checked" in box]
    assert ("proportionate", "no") in chosen


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


# Decisions -----------------------------------------------------------------------------------

TWO_PEOPLE = (
    SubjectInput(status="SUSPECT", name="Alex Example", born_on="1988-04-17"),
    SubjectInput(status="OTHER", name="Sam Example", born_on="1990-01-02"),
)


def with_shown(page: Page, **chosen: str) -> dict[str, str]:
    """What a browser posts: every box as it was shown, but for what was chosen."""
    posted = {
        box["name"]: box.get("value", "")
        for box in page.every("input")
        if box.get("type") == "hidden" and box["name"].startswith("initial-")
    }
    shown = {name.removeprefix("initial-"): value for name, value in posted.items()}
    return {**posted, **shown, **chosen}


def names(person: int, **values: str) -> dict[str, str]:
    return {f"person-{person}-item-1-{name}": value for name, value in values.items()}


@pytest.fixture
def searched(world: World) -> Road:
    """Two people; something was found of each."""
    road = world.road()
    road.record(subjects=TWO_PEOPLE)
    road.confirm()
    road.search()
    return road


def decided(road: Road) -> dict[int, str]:
    rows = ItemDecision.objects.filter(request=road.request)
    return dict(rows.values_list("subject__position", "decision"))


def test_the_finds_stand_ready_as_the_text_to_disclose(searched: Road, browser_of: Browsers) -> None:
    shown = page_of(browser_of("handler").get(address(searched, "items")))
    assert "Alex Example" in shown.text
    assert shown.text.count("3 September 2026: £41.20 by card ending 0000") >= 4, "as found, and as text"
    assert "Not decided yet" in shown.text


def test_what_nobody_touched_stays_as_it_is(searched: Road, browser_of: Browsers) -> None:
    page = page_of(browser_of("handler").get(address(searched, "items")))
    data = with_shown(page, **names(1, decision="DISCLOSE"))
    goes_back(browser_of("handler").post(address(searched, "items"), data), searched)
    assert decided(searched) == {1: "DISCLOSE"}
    page = page_of(browser_of("handler").get(address(searched, "items")))
    data = with_shown(page, **names(2, decision="WITHHOLD", refusal_code="R-PROP"))
    goes_back(browser_of("handler").post(address(searched, "items"), data), searched)
    assert decided(searched) == {1: "DISCLOSE", 2: "WITHHOLD"}
    assert entries("items.decided")[-1]["detail"]["decisions"] == {"WITHHOLD R-PROP": "1.2"}


def test_a_page_opened_earlier_does_not_undo_what_a_colleague_decided(
    searched: Road, browser_of: Browsers
) -> None:
    old = page_of(browser_of("handler").get(address(searched, "items")))
    first = with_shown(old, **names(1, decision="DISCLOSE"), **names(2, decision="DISCLOSE"))
    browser_of("handler").post(address(searched, "items"), first)
    page = page_of(browser_of("verifier").get(address(searched, "items")))
    second = with_shown(page, **names(1, decision="WITHHOLD", refusal_code="R-NEC"))
    browser_of("verifier").post(address(searched, "items"), second)
    stale = with_shown(page, **names(2, decision="WITHHOLD", refusal_code="R-NEC"))
    browser_of("handler").post(address(searched, "items"), stale)
    assert decided(searched) == {1: "WITHHOLD", 2: "WITHHOLD"}


def test_saving_a_page_without_a_change_records_nothing(searched: Road, browser_of: Browsers) -> None:
    version = Request.objects.get(pk=searched.request.pk).version
    page = page_of(browser_of("handler").get(address(searched, "items")))
    goes_back(browser_of("handler").post(address(searched, "items"), with_shown(page)), searched)
    assert Request.objects.get(pk=searched.request.pk).version == version


def test_every_row_that_lacks_something_is_named(searched: Road, browser_of: Browsers) -> None:
    page = page_of(browser_of("handler").get(address(searched, "items")))
    data = with_shown(page, **names(1, decision="DISCLOSE", text=""), **names(2, decision="WITHHOLD"))
    shown = page_of(browser_of("handler").post(address(searched, "items"), data), 422)
    assert "Person 1, item 1: write the text to disclose." in shown.text
    assert "Person 2, item 1: choose the reason for withholding it." in shown.text
    assert decided(searched) == {}


def test_what_is_not_held_cannot_be_disclosed_and_is_suggested_as_not_held(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.IN_REVIEW)
    road.search(held=False)
    page = page_of(browser_of("handler").get(address(road, "items")))
    assert "DISCLOSE" not in {option.get("value") for option in page.every("option")}
    goes_back(browser_of("handler").post(address(road, "items"), with_shown(page)), road)
    assert decided(road) == {1: "NOT_HELD"}


def test_only_reasons_open_to_the_instrument_are_offered(searched: Road, browser_of: Browsers) -> None:
    page = page_of(browser_of("handler").get(address(searched, "items")))
    offered = {option.get("value") for option in page.every("option")}
    assert "R-NEC" in offered
    assert offered <= {"", "DISCLOSE", "WITHHOLD", "NOT_HELD", *INSTRUMENTS["P-DPA2"].refusals}


# People --------------------------------------------------------------------------------------


def test_a_request_is_given_to_somebody_and_taken_back(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    for ref, holder in ((world["handler"].ref, world["handler"]), ("", None)):
        goes_back(browser_of("lead").post(address(road, "assign"), {"assignee": ref}), road)
        assert Request.objects.get(pk=road.request.pk).assignee == holder


def test_somebody_without_a_part_in_it_is_not_offered_and_not_taken(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.IN_REVIEW)
    response = browser_of("lead").post(address(road, "assign"), {"assignee": world["auditor"].ref})
    assert response.status_code == 422
    assert Request.objects.get(pk=road.request.pk).assignee is None


def test_the_excluded_find_nothing_at_any_of_its_addresses(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    data = {"person": world["handler"].ref, "reason": "A cousin of the person."}
    goes_back(browser_of("lead").post(address(road, "exclude"), data), road)
    assert Exclusion.objects.get(request=road.request).user == world["handler"]
    for page in ("tests", "items", "ask", "evidence"):
        assert browser_of("handler").get(address(road, page)).status_code == 404


def test_who_excludes_themselves_is_led_away_from_it(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    data = {"person": world["lead"].ref, "reason": "A neighbour."}
    response = browser_of("lead").post(address(road, "exclude"), data)
    assert response["Location"] == "/"


def test_members_are_named_with_the_roles_they_hold(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    data: dict[str, Any] = {
        "members": [f"{world['handler'].ref}:HANDLER", f"{world['approver'].ref}:APPROVER"],
        "reason": "An order forbids telling.",
    }
    goes_back(browser_of("head").post(address(road, "restrict"), data), road)
    assert browser_of("handler").get(address(road, "tests")).status_code == 200
    assert browser_of("verifier").get(address(road, "evidence")).status_code == 404
    shown = page_of(browser_of("handler").get(address(road, "tests")))
    assert "Restricted to named members" in shown.text


def test_only_roles_with_a_part_in_it_are_offered(world: World, browser_of: Browsers) -> None:
    shown = page_of(browser_of("head").get(address(at(world, State.IN_REVIEW), "restrict")))
    offered = {box["value"].split(":")[1] for box in shown.every("input") if box.get("name") == "members"}
    assert {"HANDLER", "APPROVER", "DATA_HOLDER"} <= offered
    assert not {"AUDITOR", "ADMIN"} & offered


def test_a_member_is_named_in_one_role(world: World, browser_of: Browsers) -> None:
    world.give("handler", "APPROVER")
    road = at(world, State.IN_REVIEW)
    ref = world["handler"].ref
    data = {"members": [f"{ref}:HANDLER", f"{ref}:APPROVER"], "reason": "An order."}
    shown = page_of(browser_of("head").post(address(road, "restrict"), data), 422)
    assert "Choose one role for Demo Handler." in shown.text


def test_triage_opens_what_was_restricted_out_of_caution(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.record(restricted=True)
    road.step("clerk", Action.SUBMIT)
    assert browser_of("handler").get(address(road, "evidence")).status_code == 404
    goes_back(browser_of("mlro").post(address(road, "open"), {"ground": "A plain form."}), road)
    assert browser_of("handler").get(address(road, "evidence")).status_code == 200


def test_a_refused_opening_says_why_and_keeps_the_words(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    shown = page_of(browser_of("mlro").post(address(road, "open"), {"ground": "A plain form."}), 422)
    assert "Only a request that was born restricted can be opened" in shown.text
    assert "A plain form." in shown.text


def test_no_page_of_work_stays_in_the_browsers_cache(world: World, browser_of: Browsers) -> None:
    response = browser_of("verifier").get(address(at(world, State.VERIFYING), "evidence"))
    assert "no-store" in response["Cache-Control"]
