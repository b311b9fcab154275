"""A search for many people: a table to take along, one answer as a file, and every fault by its line."""

import pytest

from disclosures.models import SearchRecord, SearchTask
from tests.services.log_lines import entries
from tests.world import World

from .long_list import asked, long_road, send, table_of
from .test_company import words
from .test_company_people import problems
from .work_pages import Browsers

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(world: World) -> SearchTask:
    return asked(world, long_road(world, 30))


def test_the_table_holds_the_identifiers_and_nothing_of_the_request(
    world: World, browser_of: Browsers, task: SearchTask
) -> None:
    rows = table_of(browser_of("holder"), task)
    assert len(rows) == 30
    assert (rows[4]["person"], rows[4]["item"], rows[4]["name"], rows[4]["account number"]) == ("5", "1", "Person 5", "ZX-5")  # fmt: skip
    text = str(rows)
    for secret in (task.request.reference, "A-5", "fraud", "Retail", "card"):
        assert secret not in text
    entry = entries("search.viewed")[-1]
    assert (entry["actor"]["ref"], entry["detail"]["task"]) == (world["holder"].ref, task.reference)


def test_the_page_shows_a_few_lines_and_the_way_to_the_others(browser_of: Browsers, task: SearchTask) -> None:
    page = words(browser_of("holder").get(f"/searches/{task.reference}/"))
    assert "Person 1 to 25 of 30." in page
    assert "Person 26, item 1" in words(browser_of("holder").get(f"/searches/{task.reference}/?after=25"))
    assert "Nobody stands here." in words(browser_of("holder").get(f"/searches/{task.reference}/?after=999"))


def test_one_word_answers_for_everybody(world: World, browser_of: Browsers, task: SearchTask) -> None:
    response = send(browser_of("holder"), task, None, rest_not_held="on", terms="Account number")
    assert response["Location"] == "/searches/"
    assert set(SearchRecord.objects.values_list("result", flat=True)) == {"NOT_HELD"}
    task.refresh_from_db()
    assert task.completed_by == world["holder"]
    page = words(browser_of("holder").get(f"/searches/{task.reference}/"))
    assert "answered" in page
    assert "Not held" in page
    assert "Send the answer" not in page


def test_a_line_may_have_terms_of_its_own_and_the_rest_the_common_ones(
    browser_of: Browsers, task: SearchTask
) -> None:
    rows = table_of(browser_of("holder"), task)
    for row in rows:
        row["result"] = "Not held"
    rows[0] |= {"result": "", "searched for": "Old account number", "what was found": "One payment"}
    assert send(browser_of("holder"), task, rows, terms="Account number").status_code == 302
    first = SearchRecord.objects.get(subject__position=1)
    assert (first.result, first.found is not None) == ("FOUND", True)


def test_every_fault_is_told_at_once_and_nothing_is_recorded(browser_of: Browsers, task: SearchTask) -> None:
    rows = table_of(browser_of("holder"), task)
    for row in rows:
        row["result"] = "not held"
    rows[0]["result"] = "perhaps"
    rows[1]["result"] = "found"
    rows[2]["what was found"] = "One payment"
    rows[3]["person"] = "2"
    rows[4]["item"] = "x"
    assert problems(send(browser_of("holder"), task, rows, terms="Account number")) == [
        "Line 2: the result must be “found” or “not held”.",
        "Line 3: write down what was found.",
        "Line 4: nothing is held, it says, yet there stands what was found. Change one of the two.",
        "Line 5: it is the same person and item as line 3.",
        "Line 6: its person and item are none of this search. Leave these two columns as they were.",
    ]
    assert not SearchRecord.objects.exclude(result="").exists()


def test_lines_without_a_result_are_named_unless_the_rest_is_answered_for(
    browser_of: Browsers, task: SearchTask
) -> None:
    rows = table_of(browser_of("holder"), task)[:3]
    for row in rows:
        row |= {"result": "found", "what was found": "One payment"}
    assert problems(send(browser_of("holder"), task, rows, terms="Account number")) == [
        "Item 1: there is no result for persons 4 to 30. Give it in the file, or say below that nothing is held."
    ]
    assert problems(send(browser_of("holder"), task, rows, rest_not_held="on")) == [
        "Write down the terms searched for: some lines have none of their own."
    ]
    assert (
        send(browser_of("holder"), task, rows, rest_not_held="on", terms="Account number").status_code == 302
    )


def test_an_answer_without_a_file_or_a_word_is_asked_for(browser_of: Browsers, task: SearchTask) -> None:
    assert "say that nothing is held" in str(problems(send(browser_of("holder"), task, None, terms="x")))


def test_the_table_is_there_for_the_data_holder_alone(
    world: World, browser_of: Browsers, task: SearchTask
) -> None:
    for who in ("handler", "approver", "outsider", "admin"):
        for reference in (task.reference, "s_222222222222"):
            assert browser_of(who).get(f"/searches/{reference}/list.csv").status_code == 404
            assert browser_of(who).post(f"/searches/{reference}/", {"rest_not_held": "on"}).status_code == 404
    assert browser_of("holder").get("/searches/s_222222222222/list.csv").status_code == 404
