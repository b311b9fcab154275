"""The data holder's pages: what to look for and nothing of why; a list that stays quick."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from disclosures.demo import Road, sample_intake
from disclosures.models import HeldSystem, SearchRecord, SearchTask
from disclosures.selectors import work
from disclosures.services.intake import ItemInput, SubjectInput
from disclosures.services.searching import ask_for_search
from disclosures.states import Action
from tests.services.log_lines import entries
from tests.web.html import Page
from tests.world import World

pytestmark = pytest.mark.django_db

Browsers = Callable[[str], Client]
PEOPLE = (
    SubjectInput(
        status="SUSPECT",
        name="Alex Example",
        aliases="Lex",
        born_on="1988-04-17",
        address="1 Nowhere Lane",
        phone="01632 960400",
        email="alex@mail.example",
        account_number="ZX-1",
    ),
    SubjectInput(status="VICTIM", phone="01632 960401"),
)


def page_of(response: HttpResponse, status: int = 200) -> Page:
    assert response.status_code == status
    return Page(response.content.decode())


def asked(world: World, road: Road | None = None) -> SearchTask:
    if road is None:
        road = world.road()
        road.record(subjects=PEOPLE)
        road.confirm()
    system = HeldSystem.objects.get(code="billing")
    return ask_for_search(
        request_id=road.request.pk, system_id=system.pk, actor=world["handler"], now=world.now
    )


def address(task: SearchTask) -> str:
    return f"/searches/{task.reference}/"


def result(person: int, **values: str) -> dict[str, str]:
    return {f"person-{person}-item-1-{name}": value for name, value in values.items()}


FOUND = {
    "result": "FOUND",
    "terms": "Account number",
    "found": "3 September 2026: £41.20\r\n4 September 2026: £2",
}
NIL = {"result": "NOT_HELD", "terms": "Telephone number"}


def test_the_task_shows_every_identifier_the_item_and_the_period(world: World, browser_of: Browsers) -> None:
    shown = page_of(browser_of("holder").get(address(asked(world)))).text
    for words in (
        "Alex Example", "Lex", "17 April 1988", "1 Nowhere Lane", "01632 960400", "alex@mail.example", "ZX-1",
        "01632 960401", "Payments made to us, and how", "Card payments", "1 September 2026 to 30 September 2026",
    ):  # fmt: skip
        assert words in shown


def test_nothing_of_the_investigation_reaches_the_data_holder(world: World, browser_of: Browsers) -> None:
    task = asked(world)
    holder = browser_of("holder")
    form = sample_intake(world.police, world.now)
    secrets = [
        task.request.reference, form.summary, form.offence, form.necessity, form.proportionality, form.prejudice,
        "Robin Sample", "Jo Specimen", "Northshire", "NS/", "Suspect", "SUSPECT", "Victim", "VICTIM", "Crime",
        form.unit, form.do_not_notify_reason, "P-DPA2", "Schedule 2",
    ]  # fmt: skip
    for response in (holder.get(address(task)), holder.get("/searches/"), holder.post(address(task), {})):
        html = response.content.decode()
        assert [words for words in secrets if words in html] == []


def test_opening_a_task_is_in_the_log(world: World, browser_of: Browsers) -> None:
    task = asked(world)
    browser_of("holder").get(address(task))
    entry = entries("search.viewed")[-1]
    assert (entry["actor"]["ref"], entry["detail"]["task"]) == (world["holder"].ref, task.reference)


def test_a_find_and_a_nil_are_recorded_and_the_task_is_done(world: World, browser_of: Browsers) -> None:
    task = asked(world)
    response = browser_of("holder").post(address(task), result(1, **FOUND) | result(2, **NIL))
    assert response["Location"] == "/searches/"
    rows = SearchRecord.objects.filter(task=task).order_by("subject__position")
    assert [row.result for row in rows] == ["FOUND", "NOT_HELD"]
    shown = page_of(browser_of("holder").get(address(task)))
    assert "answered" in shown.text
    assert "3 September 2026: £41.20" in shown.text
    assert not shown.every("textarea")
    assert task.reference not in page_of(browser_of("holder").get("/searches/")).text


def test_the_period_searched_stands_ready_and_may_be_another(world: World, browser_of: Browsers) -> None:
    task = asked(world)
    form = browser_of("holder").get(address(task)).context["sections"][0]["form"]
    assert form["period_from"].value() == date(2026, 9, 1)
    other = {"period_to_day": "15", "period_to_month": "9", "period_to_year": "2026"}
    browser_of("holder").post(address(task), result(1, **FOUND, **other) | result(2, **NIL))
    assert SearchRecord.objects.get(task=task, subject__position=1).period_to == date(2026, 9, 15)


def test_every_fault_is_told_at_once_with_its_person_and_what_was_typed_stays(
    world: World, browser_of: Browsers
) -> None:
    task = asked(world)
    backwards = {
        "period_from_day": "2", "period_from_month": "9", "period_from_year": "2026",
        "period_to_day": "1", "period_to_month": "9", "period_to_year": "2026",
    }  # fmt: skip
    data = result(1, result="FOUND", terms="ZX-1") | result(2, **NIL, found="One payment", **backwards)
    shown = page_of(browser_of("holder").post(address(task), data), 422)
    for words in (
        "3 things need putting right",
        "Person 1, item 1: write down what was found.",
        "Person 2, item 1: nothing is held, you say, yet you wrote down what was found.",
        "Person 2, item 1: “Searched to” must not lie before “Searched from”.",
    ):
        assert words in shown.text
    assert "One payment" in shown.text
    assert not SearchRecord.objects.exclude(result="").exists()


def test_a_wrong_date_names_the_person_it_belongs_to(world: World, browser_of: Browsers) -> None:
    task = asked(world)
    data = result(1, **FOUND) | result(
        2, **NIL, period_from_day="31", period_from_month="2", period_from_year="26"
    )
    shown = page_of(browser_of("holder").post(address(task), data), 422)
    assert "Person 2, item 1: Searched from must be a real date" in shown.text


def test_the_page_is_for_data_holders_while_the_request_is_in_review(
    world: World, browser_of: Browsers
) -> None:
    road = world.road()
    road.confirm()
    task = asked(world, road)
    for key in ("handler", "lead", "auditor", "outsider", "clerk"):
        assert browser_of(key).get("/searches/").status_code == 404
        assert browser_of(key).get(address(task)).status_code == 404
        assert browser_of(key).get("/searches/s_nothing/").status_code == 404
    road.step("clerk", Action.WITHDRAW)
    assert browser_of("holder").get(address(task)).status_code == 404


def test_an_empty_list_says_why(world: World, browser_of: Browsers) -> None:
    shown = page_of(browser_of("holder").get("/searches/"))
    assert "No search waits for you." in shown.text
    assert not shown.every("table")


def test_the_list_goes_on_where_the_page_before_ended(
    world: World, browser_of: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SEARCHES_ON_A_PAGE", 2)
    wanted = {asked(world).reference for _ in range(5)}
    seen: list[str] = []
    response = browser_of("holder").get("/searches/")
    for _ in range(3):
        shown = [row.task.reference for row in response.context["rows"]]
        assert len(shown) <= 2
        seen += shown
        response = browser_of("holder").get("/searches/", {"after": response.context["next_page"]})
    assert len(seen) == 5
    assert set(seen) == wanted
    assert browser_of("holder").get("/searches/", {"after": "yesterday"}).status_code == 200


def queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def test_a_longer_list_and_a_bigger_task_cost_no_more_queries(world: World, browser_of: Browsers) -> None:
    holder = browser_of("holder")
    small = asked(world)
    holder.get("/searches/")
    first_list, first_task = queries(holder, "/searches/"), queries(holder, address(small))
    road = world.road()
    month = {"period_from": date(2026, 9, 1), "period_to": date(2026, 9, 30)}
    road.record(
        subjects=tuple(
            SubjectInput(status="SUSPECT", name=f"Person {n}", phone=f"01632 9604{n:02}")
            for n in range(6)  # times four things: one line less than a list of its own
        ),
        items=tuple(ItemInput(item_type="PAYMENTS", detail=str(n), **month) for n in range(4)),
    )
    road.confirm()
    big = asked(world, road)
    for _ in range(8):
        asked(world)
    assert queries(holder, "/searches/") == first_list == 8
    assert queries(holder, address(big)) == first_task
