"""Holds on their pages: the desk asks and moves, the data holder sees what and until when, and never why."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from disclosures.demo import Road, sample_intake
from disclosures.models import HoldLine, HoldTask, Instrument
from disclosures.selectors import holds as reading
from disclosures.services.access import restrict_request
from disclosures.services.sweeping import sweep
from disclosures.states import Action
from tests.preserving import hold_in, last_day, preservation
from tests.services.log_lines import entries
from tests.web.html import Page
from tests.web.test_access_matrix import bare
from tests.world import World

pytestmark = pytest.mark.django_db

Browsers = Callable[[str], Client]


@pytest.fixture
def road(world: World) -> Road:
    return preservation(world)


def page_of(response: HttpResponse, status: int = 200) -> Page:
    assert response.status_code == status
    return Page(response.content.decode())


def address(task: HoldTask) -> str:
    return f"/holds/{task.reference}/"


def of(road: Road) -> str:
    return f"/requests/{road.request.reference}/holds/"


def day(name: str, when: date) -> dict[str, str]:
    return {f"{name}_day": str(when.day), f"{name}_month": str(when.month), f"{name}_year": str(when.year)}


def in_words(when: date) -> str:
    return f"{when:%A} {when.day} {when:%B %Y}"


def secrets(world: World, road: Road) -> Iterator[str]:
    form = sample_intake(world.police, world.now)
    yield from (road.request.reference, form.summary, form.offence, form.necessity, form.proportionality)
    yield from ("Robin Sample", "Jo Specimen", "Northshire", "NS/", "Suspect", "SUSPECT", "Victim", "VICTIM")
    yield from ("Crime", form.unit, "P-PRES", "Preservation", "preservation")


def test_the_hold_shows_identifiers_item_period_and_until_when_and_nothing_of_why(
    world: World, browser_of: Browsers, road: Road
) -> None:
    task, holder = hold_in(world, road), browser_of("holder")
    shown = page_of(holder.get(address(task))).text
    for words in (
        "Alex Example", "17 April 1988", "ZX-1", "Sam Example", "01632 960401", "1 September 2026 to 30 September 2026",
        in_words(last_day(world)),
    ):  # fmt: skip
        assert words in shown
    for response in (holder.get(address(task)), holder.get("/holds/"), holder.post(address(task), {})):
        html = response.content.decode()
        assert [words for words in secrets(world, road) if words in html] == []


def test_opening_a_hold_is_in_the_log(world: World, browser_of: Browsers, road: Road) -> None:
    task = hold_in(world, road)
    browser_of("holder").get(address(task))
    entry = entries("hold.viewed")[-1]
    assert (entry["actor"]["ref"], entry["detail"]["task"]) == (world["holder"].ref, task.reference)


def test_the_holder_confirms_and_the_desk_reads_it(world: World, browser_of: Browsers, road: Road) -> None:
    task, holder = hold_in(world, road), browser_of("holder")
    line = HoldLine.objects.get(task=task, subject__position=2)
    answer = {
        "result": "KEPT",
        "how": "Deletion switched off.",
        "note": "Old card too.",
        "not_held": [f"{line.subject.position}-{line.item.position}"],
    }
    response = holder.post(address(task), answer | day("kept_on", localdate(world.now)))
    assert response["Location"] == "/holds/"
    assert [row.result for row in HoldLine.objects.filter(task=task).order_by("subject__position")] == [
        "KEPT",
        "NOT_HELD",
    ]
    assert "Kept in part since" in page_of(holder.get("/holds/")).text
    assert not page_of(holder.get(address(task))).every("textarea")
    desk = browser_of("handler")
    shown = page_of(desk.get(of(road))).text
    for words in ("Billing", "Kept in part since", "1 of 2 lines", "Deletion switched off.", "Old card too."):
        assert words in shown
    request = page_of(desk.get(f"/requests/{road.request.reference}/")).text
    assert "Hold confirmed: Billing" in request
    assert "Kept in part since" in request


def test_every_fault_is_told_at_once_and_what_was_typed_stays(
    world: World, browser_of: Browsers, road: Road
) -> None:
    task = hold_in(world, road)
    shown = page_of(browser_of("holder").post(address(task), {"result": "KEPT", "note": "Typed"}), 422)
    for words in (
        "2 things need putting right",
        "Say how it is kept.",
        "Say since which day it is kept.",
        "Typed",
    ):
        assert words in shown.text
    assert HoldTask.objects.get(pk=task.pk).confirmed_at is None


def test_a_hold_that_ended_says_so_to_its_holder_and_on_the_request(
    world: World, browser_of: Browsers, road: Road
) -> None:
    task, holder = hold_in(world, road), browser_of("holder")
    road.step("clerk", Action.WITHDRAW)
    sweep(now=world.now)
    assert "Ended" in page_of(holder.get("/holds/")).text
    shown = page_of(holder.get(address(task))).text
    assert "This hold has ended." in shown
    assert "It was not kept: the hold had ended before" in shown
    assert "Ended" in page_of(browser_of("handler").get(of(road))).text
    assert (
        "Hold ended: Billing"
        in page_of(browser_of("handler").get(f"/requests/{road.request.reference}/")).text
    )


def test_the_desk_asks_each_system_that_holds_something(
    world: World, browser_of: Browsers, road: Road
) -> None:
    desk = browser_of("handler")
    form = desk.get(of(road)).context["form"]
    chosen = [
        str(value) for value, name in form.fields["systems"].choices if name in {"Billing", "Customer care"}
    ]
    assert len(chosen) == 2
    assert "Choose at least one of the systems to ask." in page_of(desk.post(of(road), {}), 422).text
    assert desk.post(of(road), {"systems": chosen})["Location"] == of(road)
    assert HoldTask.objects.filter(request=road.request).count() == 2
    assert "Every system that holds something has been asked to keep it." in page_of(desk.get(of(road))).text


def test_who_leads_moves_the_end_and_who_reviews_does_not(
    world: World, browser_of: Browsers, road: Road
) -> None:
    task, until = hold_in(world, road), last_day(world, 60)
    data = {"move": "1", "move-words": "Longer. Ref 7."}
    data |= day("move-until", until) | day("move-letter_on", localdate(world.now))
    assert browser_of("handler").post(of(road), data).status_code == 404
    faulty = page_of(browser_of("lead").post(of(road), {"move": "1"}), 422)
    assert "3 things need putting right" in faulty.text
    assert browser_of("lead").post(of(road), data)["Location"] == of(road)
    assert Instrument.objects.get(request=road.request).valid_until == until
    assert HoldTask.objects.get(pk=task.pk).until_on == until
    assert browser_of("lead").post(of(road), {"systems": ["1"]}).status_code == 404


def test_the_page_of_any_other_request_says_that_nothing_is_kept(world: World, browser_of: Browsers) -> None:
    other = world.road()
    other.confirm()
    assert "Nothing is kept for this request." in page_of(browser_of("handler").get(of(other))).text


def test_a_hold_is_the_same_404_to_everybody_else_and_when_restricted(
    world: World, browser_of: Browsers, road: Road
) -> None:
    task = hold_in(world, road)
    for key in ("handler", "head", "auditor", "outsider"):
        assert browser_of(key).get(address(task)).status_code == 404
        assert browser_of(key).get("/holds/").status_code == 404
    restrict_request(
        request_id=road.request.pk, members={world["handler"]: "HANDLER"}, reason="An order.",
        actor=world["head"], now=world.now,
    )  # fmt: skip
    holder = browser_of("holder")
    there = bare(holder.get(address(task)), task.reference)
    assert there == bare(holder.get("/holds/k_none/"), "k_none")
    assert task.reference not in page_of(holder.get("/holds/")).text
    assert task.reference in page_of(browser_of("handler").get(of(road))).text


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "HOLDS_ON_A_PAGE", 3)


def test_the_list_asks_as_often_for_many_as_for_few_and_leads_on(
    world: World, browser_of: Browsers, road: Road, short_pages: None
) -> None:
    holder = browser_of("holder")
    hold_in(world, road)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert holder.get("/holds/").status_code == 200
        return len(seen)

    holder.get("/holds/")
    few = queries()
    hold_in(world, road, "care")
    for days in (5, 3):
        other = preservation(world, days=days)
        hold_in(world, other)
        hold_in(world, other, "care")
    assert queries() == few
    first = holder.get("/holds/")
    untils = [row.task.until_on for row in first.context["rows"]]
    assert untils == [last_day(world, 3), last_day(world, 3), last_day(world, 5)]
    rest = holder.get("/holds/", {"after": first.context["next_page"]})
    assert [row.task.until_on for row in rest.context["rows"]] == [
        last_day(world, 5), last_day(world), last_day(world),
    ]  # fmt: skip
    assert rest.context["next_page"] == ""
    assert holder.get("/holds/", {"after": "nonsense"}).context["rows"]


def test_the_list_tells_of_no_person(world: World, browser_of: Browsers, road: Road) -> None:
    hold_in(world, road)
    shown = page_of(browser_of("holder").get("/holds/")).text
    assert "2 people" in shown
    for words in ("Alex", "Sam Example", "ZX-1"):
        assert words not in shown
