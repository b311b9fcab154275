"""The pages of keeping and disposal: the period worked out, holds, what is due, two people, the certificate, the stone."""

import json
from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.models import Entry
from disclosures.demo_kinds import OrderRoad
from disclosures.models import Disposal, LegalHold, Request
from disclosures.selectors.keeping import due_for_disposal
from disclosures.services.destroying import destroy_what_was_confirmed
from disclosures.services.keeping import lift_hold
from disclosures.states import State
from tests.disposal_desk import closed, confirm, destroy, hold, later, propose
from tests.world import World

from .test_company import words
from .work_pages import Browsers

pytestmark = pytest.mark.django_db


def keeping_page(request: Request) -> str:
    return f"/requests/{request.reference}/keeping/"


def test_the_request_page_shows_the_period_and_how_it_was_worked_out(
    world: World, browser_of: Browsers
) -> None:
    request = closed(world)
    shown = words(browser_of("handler").get(f"/requests/{request.reference}/"))
    assert "How this period was worked out" in shown
    assert "Six years: while a claim can be brought" in shown
    assert "Limitation Act 1980, sections 2 and 5" in shown
    assert "RET-CASE" in words(browser_of("handler").get(keeping_page(request)))
    running = world.request_in(State.IN_REVIEW)
    assert "begins when the request is closed" in words(browser_of("handler").get(keeping_page(running)))


def test_the_head_of_legal_places_and_lifts_a_hold_and_everybody_reads_it(
    world: World, browser_of: Browsers
) -> None:
    request = closed(world)
    where = keeping_page(request)
    assert "Place a hold" not in words(browser_of("release").get(where))
    wrong = browser_of("head").post(where, {"place": "yes"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "3 things need putting right" in words(wrong)
    assert 'class="error-summary"' in wrong.content.decode()
    given = {
        "place": "yes", "place-ground": "LITIGATION", "place-reason": "Letter before claim.", "place-review_on_day": "1",
        "place-review_on_month": "6", "place-review_on_year": "2099",
    }  # fmt: skip
    assert browser_of("head").post(where, given).status_code == HTTPStatus.FOUND
    placed = LegalHold.objects.get(request=request)
    shown = words(browser_of("handler").get(f"/requests/{request.reference}/"))
    assert "Proceedings are under way or to be expected" in shown
    assert browser_of("release").post(where, given).status_code == HTTPStatus.NOT_FOUND
    lifted = {"lift": "yes", "lift-hold": placed.reference, "lift-reason": "Settled."}
    assert browser_of("head").post(where, lifted).status_code == HTTPStatus.FOUND
    placed.refresh_from_db()
    assert placed.lifted_by == world["head"]
    assert "Settled." in words(browser_of("head").get(where))


def test_one_person_proposes_another_confirms_and_the_certificate_says_what_went(
    world: World, browser_of: Browsers
) -> None:
    request = closed(world)
    where = keeping_page(request)
    early = {
        "early": "yes",
        "early-whom": "whole",
        "early-ground": "MISTAKE",
        "early-reason": "Recorded twice.",
    }
    assert browser_of("handler").post(where, early).status_code == HTTPStatus.NOT_FOUND
    assert browser_of("release").post(where, early).status_code == HTTPStatus.FOUND
    row = Disposal.objects.get()
    page = f"/disposal/{row.batch}/"
    assert "a colleague must confirm it" in words(browser_of("release").get(page))
    assert row.batch in words(browser_of("head").get("/disposal/"))
    assert browser_of("release").post(page, {"confirm": "yes"}).status_code == HTTPStatus.NOT_FOUND
    assert browser_of("head").post(page, {"confirm": "yes"}).status_code == HTTPStatus.FOUND
    assert browser_of("head").get(f"{page}certificate.json").status_code == HTTPStatus.NOT_FOUND
    destroy_what_was_confirmed(now=world.now)
    made = browser_of("head").get(f"{page}certificate.json")
    certificate = json.loads(made.content)
    row.refresh_from_db()
    (told,) = certificate["destroyed"]
    assert (told["reference"], told["digest"]) == (request.reference, row.digest)
    assert certificate["confirmed_by"].startswith(world["head"].display_name)
    entry = Entry.objects.get(event="disposal.done")
    assert told["log_version"] == entry.object_version
    printed = browser_of("release").get(f"{page}certificate.pdf")
    assert printed.content.startswith(b"%PDF-")
    assert Entry.objects.filter(event="certificate.taken").count() == 2


def test_a_stone_has_one_page_and_nothing_personal_on_it(world: World, browser_of: Browsers) -> None:
    request = closed(world)
    destroy(world, [request])
    where = f"/requests/{request.reference}/"
    shown = words(browser_of("handler").get(where))
    assert "This request was destroyed on" in shown
    for personal in ("Sample", "Example Street", "1990", "01632"):
        assert personal not in shown
    for other in ("keeping/", "record/json/", "comments/", "letter/answer/", "lines/"):
        assert browser_of("handler").get(f"{where}{other}").status_code == HTTPStatus.NOT_FOUND, other
    assert browser_of("handler").get("/requests/").status_code == HTTPStatus.OK


def test_the_pages_are_not_there_for_others(world: World, browser_of: Browsers) -> None:
    row = propose(world, closed(world))
    for who in ("clerk", "handler", "dpo", "holder", "auditor", "admin", "outsider"):
        for page in ("/disposal/", f"/disposal/{row.batch}/", f"/disposal/{row.batch}/certificate.pdf"):
            assert browser_of(who).get(page).status_code == HTTPStatus.NOT_FOUND, (who, page)
    assert browser_of("head").get("/disposal/d_nothing/").status_code == HTTPStatus.NOT_FOUND
    assert Client().get("/disposal/").status_code == HTTPStatus.FOUND


def test_a_restricted_disposal_is_not_there_for_whoever_is_not_named(
    world: World, browser_of: Browsers
) -> None:
    world.made += 1
    request = OrderRoad(world.people, world.police, world.now, number=world.made).to(State.CLOSED)
    before = browser_of("lead").get("/disposal/").content
    lock = LegalHold.objects.get(request=request)
    lift_hold(
        request_id=request.pk, hold=lock.reference, reason="The court ended it.", actor=world["mlro"], now=world.now
    )  # fmt: skip
    row = propose(world, request, ground="COURT", reason="Its order of 1 May.", now=world.now)
    after = browser_of("lead").get("/disposal/").content
    assert without_tokens(before) == without_tokens(after)
    assert browser_of("lead").get(f"/disposal/{row.batch}/").status_code == HTTPStatus.NOT_FOUND
    assert row.batch in words(browser_of("head").get("/disposal/"))


def without_tokens(content: bytes) -> bytes:
    return b"".join(part for part in content.split(b'"') if len(part) != 64)


def test_what_is_due_is_read_in_few_queries_however_many_there_are(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = [closed(world) for _ in range(3)]
    hold(world, made[0])
    with django_assert_max_num_queries(8):
        page = due_for_disposal(world["release"], later(world))
    assert [bool(row.holds) for row in page.rows].count(True) == 1
    assert len(page.rows) == 3
    first = page.rows[0].request
    assert first.keep_until is not None
    rest = due_for_disposal(world["release"], later(world), (first.keep_until, first.reference))
    assert [row.request for row in rest.rows] == [row.request for row in page.rows[1:]]
    confirm(world, propose(world, made[1]))
