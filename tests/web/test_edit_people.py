"""The people of a request that names too many for a form are corrected one at a time, page by page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from disclosures.models import Request, Subject, SubjectMark
from disclosures.selectors.opening import open_request
from disclosures.states import Action
from tests.services.log_lines import last
from tests.world import World

from .filling import filled
from .test_company import words
from .test_edit_long import form_of, kept, marks, submitted
from .work_pages import Browsers, page_of

pytestmark = pytest.mark.django_db


def where(request: Request, query: str = "") -> str:
    return f"/requests/{request.reference}/edit/people/{query}"


def form_of_person(client: Client, request: Request, position: int) -> dict[str, list[str]]:
    address = where(request, f"?person={position}")
    return filled(client.get(address).content.decode(), "")


def test_two_thousand_people_are_paged_and_one_of_them_is_corrected(
    world: World, browser_of: Browsers
) -> None:
    clerk, request = browser_of("clerk"), submitted(world, 2_000)
    before, marked = kept(request), marks(request)
    assert "Correct one of them" in words(clerk.get(f"/requests/{request.reference}/edit/"))
    first = page_of(clerk.get(where(request)))
    assert "Person 1 to 50 of 2000." in first.text.replace("2,000", "2000")
    deep = page_of(clerk.get(where(request, "?after=1950")))
    assert "Person 1951 to 2000 of 2000." in deep.text.replace(",", "")
    assert "Person 1999" in deep.text
    address = where(request, "?person=1999")
    page = clerk.get(address)
    form = filled(page.content.decode(), "")
    assert form["name"] == ["Person 1999"]
    saved = clerk.post(address, form | {"name": ["Ann Example"], "account_number": ["ZX-7"], "born_on_day": ["2"],
                                        "born_on_month": ["1"], "born_on_year": ["1980"]})  # fmt: skip
    assert (saved.status_code, saved["Location"]) == (302, where(request))
    assert [row[:2] for row in kept(request)] == [row[:2] for row in before]
    person = Subject.objects.get(request=request, position=1999)
    opened = open_request(
        Request.objects.get(pk=request.pk), actor=world["clerk"], now=world.now, people=(person.pk,)
    )
    (row,) = opened.subjects
    assert (row.name, row.account_number, row.born_on, row.own_reference) == (
        "Ann Example",
        "ZX-7",
        "1980-01-02",
        "A-1999",
    )
    assert {mark for mark in marks(request) if mark[0] != person.pk} == {
        mark for mark in marked if mark[0] != person.pk
    }
    assert {mark for mark in marks(request) if mark[0] == person.pk} != {
        mark for mark in marked if mark[0] == person.pk
    }
    entry = last("person.corrected")
    assert entry["detail"]["person"] == 1999
    assert "Ann" not in str(entry)


def test_a_page_costs_the_same_however_many_people_there_are(world: World, browser_of: Browsers) -> None:
    clerk, counted = browser_of("clerk"), set()
    for people in (60, 400):
        request = submitted(world, people)
        clerk.get(where(request))
        for address in (where(request), where(request, f"?after={people - 50}")):
            with CaptureQueriesContext(connection) as captured:
                assert clerk.get(address).status_code == 200
            counted.add(len(captured))
    assert len(counted) == 1


def test_every_problem_is_told_at_once_and_what_was_typed_stays(world: World, browser_of: Browsers) -> None:
    clerk, request = browser_of("clerk"), submitted(world, 30)
    address, before = where(request, "?person=3"), kept(request)
    ahead = str(localdate(world.now).year + 1)
    born = {"born_on_day": ["1"], "born_on_month": ["1"], "born_on_year": [ahead]}
    form = form_of_person(clerk, request, 3)
    wrong = clerk.post(address, form | born | {"type": ["NOBODY"], "name": ["Typed Example"]})
    shown = page_of(wrong, 422)
    assert "The date of birth lies in the future" in shown.text
    assert "Typed Example" in shown.html
    empty = {key: [""] for key in ("own_reference", "name", "account_number")}
    assert (
        "Give at least one thing that tells who it is."
        in page_of(clerk.post(address, form | empty), 422).text
    )
    assert kept(request) == before


def test_a_page_opened_before_somebody_else_saved_undoes_nothing(world: World, browser_of: Browsers) -> None:
    clerk, request = browser_of("clerk"), submitted(world, 30)
    old = form_of_person(clerk, request, 5)
    assert (
        clerk.post(
            where(request, "?person=6"), form_of_person(clerk, request, 6) | {"name": ["Six"]}
        ).status_code
        == 302
    )
    late = clerk.post(where(request, "?person=5"), old | {"name": ["Five"]})
    assert "Somebody changed this request while you were writing." in page_of(late, 422).text
    assert "Five" in late.content.decode()


def test_who_may_not_edit_and_whom_nobody_knows_finds_nothing(world: World, browser_of: Browsers) -> None:
    request = submitted(world, 30)
    for who in ("handler", "approver", "auditor", "outsider"):
        assert browser_of(who).get(where(request)).status_code == 404
        assert browser_of(who).post(where(request, "?person=1"), {"name": "x"}).status_code == 404
    assert browser_of("clerk").get(where(request, "?person=31")).status_code == 404
    assert browser_of("clerk").get(where(request, "?person=x")).status_code == 404
    assert "names nobody after this" in words(browser_of("clerk").get(where(request, "?after=30")))


def test_people_of_the_police_have_no_marks_after_it_either(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.record()
    clerk, request = browser_of("clerk"), Request.objects.get(pk=road.request.pk)  # type: ignore[union-attr]
    form = form_of_person(clerk, request, 1)
    assert clerk.post(where(request, "?person=1"), form | {"name": ["Sam Example"]}).status_code == 302
    assert not SubjectMark.objects.filter(request=request).exists()
    road.step("clerk", Action.SUBMIT)
    assert form_of(clerk, request)
