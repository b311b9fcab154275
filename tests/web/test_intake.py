"""Taking in what arrived: the careful question first, drafts from almost nothing, and never a lost word."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from disclosures.forms.fields import LONDON
from disclosures.forms.intake import IntakeForm
from disclosures.forms.intake_page import LAYOUT
from disclosures.models import Request, Subject
from disclosures.selectors.opening import open_request
from disclosures.services.access import assign_request
from disclosures.services.intake import Intake, ItemInput, SubjectInput
from disclosures.states import Action, State
from tests.services.log_lines import entries
from tests.web.filling import Values, filled, with_changes
from tests.web.html import Page
from tests.world import World

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]
NEW = "/requests/new/schedule-2/"


def words_of(response: HttpResponse, status: int) -> str:
    assert response.status_code == status
    return " ".join(Page(response.content.decode().replace("<", " <")).text.split())


def empty_form(clerk: Client, where: str = NEW) -> Values:
    return filled(clerk.get(where).content.decode(), where)


def least(clerk: Client, **more: Any) -> Values:
    """The three answers that a draft needs; the time of receipt is there already."""
    return with_changes(empty_form(clerk), {"channel": "POST", "nation": "EW", "save": "draft", **more})


def edit_of(request: Request) -> str:
    return f"/requests/{request.reference}/edit/"


def the_request() -> Request:
    return Request.objects.get()


# The first question --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        ("schedule-2", "/requests/new/schedule-2/"),
        ("restricted", "/requests/new/restricted/"),
        ("unsure", "/requests/new/restricted/"),
    ],
)
def test_only_a_plain_form_is_born_open(world: World, browser_of: Browsers, answer: str, where: str) -> None:
    response = browser_of("clerk").post("/requests/new/", {"arrived": answer})
    assert (response.status_code, response["Location"]) == (302, where)
    assert not Request.objects.exists(), "the question comes before any row"


@pytest.mark.parametrize("answer", ["", "order", "\x00"])
def test_the_question_wants_an_answer(world: World, browser_of: Browsers, answer: str) -> None:
    assert "Choose" in words_of(browser_of("clerk").post("/requests/new/", {"arrived": answer}), 422)


def test_only_an_intake_clerk_takes_in(world: World, browser_of: Browsers) -> None:
    for who in ("handler", "approver", "head", "mlro", "admin", "auditor", "holder", "outsider"):
        for where in ("/requests/new/", NEW, "/requests/new/restricted/"):
            assert browser_of(who).get(where).status_code == 404
            assert browser_of(who).post(where, {"channel": "POST", "nation": "EW"}).status_code == 404
    assert browser_of("clerk").get("/requests/new/anything/").status_code == 404
    assert not Request.objects.exists()


def test_the_careful_answer_makes_a_request_that_the_desk_does_not_know_of(
    world: World, browser_of: Browsers
) -> None:
    where = "/requests/new/restricted/"
    assert "This request will be restricted" in words_of(browser_of("clerk").get(where), 200)
    form = with_changes(empty_form(browser_of("clerk"), where), {"channel": "POST", "nation": "SC"})
    assert browser_of("clerk").post(where, form).status_code == 302
    request = the_request()
    assert request.restricted
    assert request.born_restricted
    pages = {
        who: browser_of(who).get(f"/requests/{request.reference}/").status_code
        for who in ("clerk", "mlro", "handler", "head")
    }
    assert pages == {"clerk": 200, "mlro": 200, "handler": 404, "head": 404}
    assert entries("request.recorded") != []


# A draft -------------------------------------------------------------------------------------


def test_three_answers_make_a_draft(world: World, browser_of: Browsers) -> None:
    response = browser_of("clerk").post(NEW, least(browser_of("clerk")))
    request = the_request()
    assert (response.status_code, response["Location"]) == (302, f"/requests/{request.reference}/")
    assert (request.state, request.channel, request.nation, request.restricted) == (
        "DRAFT",
        "POST",
        "EW",
        False,
    )
    assert not Subject.objects.exists(), "an empty row is nobody"
    assert request.due_at is not None, "its clock runs from receipt"


def test_without_them_all_three_are_asked_for_at_once_and_nothing_typed_is_lost(
    world: World, browser_of: Browsers
) -> None:
    form = with_changes(
        empty_form(browser_of("clerk")),
        {"received_at_day": "", "received_at_month": "", "received_at_year": "", "received_at_time": "",
         "summary": "A long story.", "people-0-name": "Alex Example"},
    )  # fmt: skip
    response = browser_of("clerk").post(NEW, form)
    shown = words_of(response, 422)
    assert "3 things need putting right" in shown
    for label in ("How it came", "Received", "Part of the United Kingdom"):
        assert label in shown.split("New request", 1)[1]
    again = filled(response.content.decode(), NEW)
    assert (again["summary"], again["people-0-name"]) == (["A long story."], ["Alex Example"])
    assert not Request.objects.exists()


def test_every_problem_of_the_page_is_named_at_once(world: World, browser_of: Browsers) -> None:
    tomorrow = (world.now + timedelta(days=1)).astimezone(LONDON)
    form = least(
        browser_of("clerk"),
        channel="TELEPHONE",
        received_at_day=str(tomorrow.day), received_at_month=str(tomorrow.month), received_at_year=str(tomorrow.year),
        signed_on_day="31", signed_on_month="2", signed_on_year="2026",
        dated_on_day="1", dated_on_month="1", dated_on_year="2199",
        statute_typed="DPA s.29(3)",
        body="o_nowhere",
        **{"things-0-detail": "all of it", "people-0-born_on_day": "1", "people-0-born_on_month": "1", "people-0-born_on_year": "85",
           "things-0-period_from_day": "2", "things-0-period_from_month": "9", "things-0-period_from_year": "2026",
           "things-0-period_to_day": "1", "things-0-period_to_month": "9", "things-0-period_to_year": "2026"},
    )  # fmt: skip
    response = browser_of("clerk").post(NEW, form)
    shown = words_of(response, 422)
    for sentence in (
        "By telephone we take a request only where life is at risk.",
        "This lies in the future. Give the time at which it reached the company.",
        "“Signed by the officer on” must be a real date",
        "“Date of the request, if another” lies in the future.",
        "The form cites the Data Protection Act 1998, which was repealed.",
        "Police force or agency: Choose one of the answers shown.",
        "Person 1: Date of birth needs all four digits of the year",
        "Choose what is asked for, or clear the row.",
        "The period ends before it begins.",
    ):
        assert sentence.replace(
            "“Signed by the officer on” must", "Signed by the officer on must"
        ) in shown.replace("“Signed by the officer on” must", "Signed by the officer on must"), sentence
    ids = Page(response.content.decode()).ids
    links = [
        link["href"] for link in Page(response.content.decode()).every("a") if link["href"].startswith("#id_")
    ]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids), "every problem leads to its field"
    assert not Request.objects.exists()


def test_by_telephone_only_where_life_is_at_risk(world: World, browser_of: Browsers) -> None:
    form = least(browser_of("clerk"), channel="TELEPHONE", urgency="IMMEDIATE")
    assert browser_of("clerk").post(NEW, form).status_code == 302
    assert the_request().urgency == "IMMEDIATE"


@pytest.mark.parametrize(
    ("typed", "code", "kept"),
    [
        ("Data Protection Act 1998", "P-DPA2", False),
        ("s.29(3)", "P-DPA2", False),
        ("Section 35 DPA", "", False),
        ("s. 29 (3) DPA 1998", "P-LEG98", True),
        ("DPA 2018 Sch 2 Pt 1 para 2", "P-DPA2", True),
        ("DPA 2018 s.35", "P-DPA2", True),
    ],
)
def test_the_old_law_is_recognised(
    world: World, browser_of: Browsers, typed: str, code: str, kept: bool
) -> None:
    form = least(browser_of("clerk"), statute_typed=typed, instrument=code)
    assert browser_of("clerk").post(NEW, form).status_code == (302 if kept else 422)
    assert Request.objects.exists() is kept


# Twice ---------------------------------------------------------------------------------------


def test_a_form_sent_twice_is_one_request(world: World, browser_of: Browsers) -> None:
    form = least(browser_of("clerk"))
    places = {browser_of("clerk").post(NEW, form)["Location"] for _ in range(2)}
    assert places == {f"/requests/{the_request().reference}/"}


def test_a_form_sent_again_with_other_words_corrects_its_draft(world: World, browser_of: Browsers) -> None:
    form = least(browser_of("clerk"))
    browser_of("clerk").post(NEW, form)
    browser_of("clerk").post(NEW, form | {"summary": ["Told more fully."]})
    assert _opened(world).summary == "Told more fully."


def _opened(world: World) -> Any:
    return open_request(the_request(), actor=world["clerk"], now=world.now).request


def test_submitting_twice_submits_once(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.DRAFT)
    where = edit_of(request)
    form = with_changes(empty_form(browser_of("clerk"), where), {"save": "submit"})
    assert browser_of("clerk").post(where, form).status_code == 302
    assert the_request().state == State.SUBMITTED
    assert len(entries("request.step_taken")) == 1


# Submitting ----------------------------------------------------------------------------------


def test_what_is_not_ready_is_kept_as_a_draft_with_what_it_lacks(world: World, browser_of: Browsers) -> None:
    response = browser_of("clerk").post(NEW, least(browser_of("clerk"), save="submit", summary="A story."))
    request = the_request()
    shown = words_of(response, 422)
    assert f"{request.reference} is saved as it stands, but not submitted." in shown
    assert "please add: the body that asks." in shown
    assert request.state == State.DRAFT
    where = edit_of(request)
    rest = {
        "body": world.police.ref, "instrument": "P-DPA2", "people-0-name": "Alex Example", "things-0-item_type": "PAYMENTS",
        "save": "submit",
    }  # fmt: skip
    form = with_changes(filled(response.content.decode(), where), rest)
    assert form["summary"] == ["A story."]
    assert browser_of("clerk").post(where, form)["Location"] == f"/requests/{request.reference}/"
    assert the_request().state == State.SUBMITTED


def test_a_returned_request_is_completed_and_goes_to_triage_again(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.RETURNED)
    where = edit_of(request)
    form = with_changes(
        empty_form(browser_of("clerk"), where), {"save": "submit", "necessity": "Said better."}
    )
    assert browser_of("clerk").post(where, form).status_code == 302
    assert the_request().state == State.SUBMITTED
    assert entries("request.step_taken")[-1]["detail"]["action"] == "RESUBMIT"
    assert _opened(world).necessity == "Said better."


# Correcting ----------------------------------------------------------------------------------


def test_a_request_opened_for_correction_and_saved_is_the_same_request(
    world: World, browser_of: Browsers
) -> None:
    road = world.road()
    road.record(
        station_address="1 Station Road\nNorthtown", less_intrusive="A search of the register.", collateral="The household.",
        handling="Under MoPI.", rank_waiver_reason="None was on duty.", urgency="PRIORITY", urgency_reason="A hearing.\n\nOn Monday.",
        special_category_sought=None, child_or_vulnerable=True, offence_withheld=True,
        subjects=(SubjectInput(name="Alex", aliases="Al", email="a@b.example"), SubjectInput(type="UNKNOWN", phone="01632 960001")),
        items=(ItemInput(item_type="PAYMENTS"), ItemInput(item_type="SUBSCRIBER", detail="Two\nlines")),
    )  # fmt: skip
    before = _whole(world)
    where = edit_of(the_request())
    form = empty_form(browser_of("clerk"), where) | {"save": ["draft"]}
    assert browser_of("clerk").post(where, form).status_code == 302
    assert _whole(world) == before


def _whole(world: World) -> dict[str, Any]:
    """Everything an intake holds, opened, as the rows have it."""
    opened = open_request(the_request(), actor=world["clerk"], now=world.now)
    own = {field.name for field in fields(Intake)} - {
        "instrument",
        "requester",
        "countersigner",
        "subjects",
        "items",
    }
    rows = {
        "instrument": ([opened.instrument], ("code", "dated_on", "valid_until", "statute_typed")),
        "officers": (opened.officers.values(), ("part", "rank", "name", "number", "email", "phone")),
        "subjects": (opened.subjects, [field.name for field in fields(SubjectInput)]),
        "items": (opened.items, [field.name for field in fields(ItemInput)]),
    }
    whole: dict[str, Any] = {name: getattr(opened.request, name) for name in own}
    whole["received_at"] = whole["received_at"].replace(second=0, microsecond=0)
    return whole | {
        name: [[getattr(row, part) for part in parts] for row in found]
        for name, (found, parts) in rows.items()
    }


def test_every_part_of_an_intake_can_be_typed() -> None:
    own = {field.name for field in fields(Intake)} - {
        "body_id",
        "instrument",
        "requester",
        "countersigner",
        "subjects",
        "items",
    }
    assert own <= set(IntakeForm.base_fields)
    placed = [name for layout in LAYOUT for name in (*layout.fields, *layout.more)]
    assert sorted(placed) == sorted(IntakeForm.base_fields), "each once, and none left out"


def test_only_the_clerk_corrects_and_only_while_it_may_be_corrected(
    world: World, browser_of: Browsers
) -> None:
    draft, closed = world.request_in(State.DRAFT), world.request_in(State.CLOSED)
    for who in ("handler", "approver", "head", "outsider"):
        assert browser_of(who).get(edit_of(draft)).status_code == 404
        assert browser_of(who).post(edit_of(draft), {"nation": "EW"}).status_code == 404
    assert browser_of("clerk").get(edit_of(closed)).status_code == 404
    assert browser_of("clerk").get("/requests/CP-2222-2222/edit/").status_code == 404


def test_nobody_overwrites_what_a_colleague_changed_meanwhile(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.SUBMITTED)
    where = edit_of(request)
    form = with_changes(empty_form(browser_of("clerk"), where), {"summary": "My words.", "save": "draft"})
    assign_request(request_id=request.pk, assignee=world["handler"], actor=world["lead"], now=world.now)
    response = browser_of("clerk").post(where, form)
    assert "Somebody changed this request while you were writing." in words_of(response, 422)
    again = filled(response.content.decode(), where) | {"save": ["draft"]}
    assert again["summary"] == ["My words."]
    assert browser_of("clerk").post(where, again).status_code == 302
    assert _opened(world).summary == "My words."


def test_a_person_who_was_searched_for_stays(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.confirm()
    road.search()
    road.step("handler", Action.RETURN)
    where = edit_of(the_request())
    form = with_changes(
        empty_form(browser_of("clerk"), where),
        {name: "" for name in empty_form(browser_of("clerk"), where) if name.startswith("people-0-")}
        | {"people-0-type": "INDIVIDUAL", "save": "draft"},
    )
    shown = words_of(browser_of("clerk").post(where, form), 422)
    assert "A person you removed has already been searched for and must stay on the request." in shown


# Rows ----------------------------------------------------------------------------------------


def test_rows_are_added_and_taken_away_without_any_script(world: World, browser_of: Browsers) -> None:
    clerk = browser_of("clerk")
    form = with_changes(empty_form(clerk), {"people-0-name": "First", "add-people": "1"})
    response = clerk.post(NEW, form)
    assert response.status_code == 200, "a row more is no mistake, whatever is still missing"
    two = filled(response.content.decode(), NEW)
    assert (two["people-TOTAL_FORMS"], two["people-0-name"]) == (["2"], ["First"])
    response = clerk.post(NEW, with_changes(two, {"people-1-name": "Second", "remove-people-0": "1"}))
    one = filled(response.content.decode(), NEW)
    assert (one["people-TOTAL_FORMS"], one["people-0-name"]) == (["1"], ["Second"])
    assert not Request.objects.exists()


def test_an_empty_row_between_two_is_left_out(world: World, browser_of: Browsers) -> None:
    rows = {
        "people-TOTAL_FORMS": "3", "people-0-name": "First", "people-2-name": "Third",
        "people-1-type": "INDIVIDUAL", "people-2-type": "INDIVIDUAL",
    }  # fmt: skip
    assert browser_of("clerk").post(NEW, least(browser_of("clerk"), **rows)).status_code == 302
    assert list(Subject.objects.order_by("position").values_list("position", flat=True)) == [1, 2]
