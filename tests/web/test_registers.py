"""The pages of the registers: who reads them, who keeps them, and what is said to whoever gets it wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from accounts.models import Organisation, Relationship
from tests.web.html import Page
from tests.world import World

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]
WHERE = "/registers/companies/"


def text(response) -> str:
    return " ".join(Page(response.content.decode()).text.split())


def day(name: str, when) -> dict[str, str]:
    return {f"{name}_day": str(when.day), f"{name}_month": str(when.month), f"{name}_year": str(when.year)}


def line(world: World, **changes: str) -> dict[str, str]:
    media = Organisation.objects.get(code="demo-media")
    given = {
        "add": "1",
        "holder": world.company.ref,
        "company": media.ref,
        "test": "1159_VOTES",
        "percent": "51",
    }
    kept = {"evidence": "Share purchase agreement of today", "document_reference": "L-77"}
    return given | kept | day("valid_from", localdate(world.now)) | changes


@pytest.mark.parametrize("who", ["clerk", "handler", "approver", "head", "admin", "auditor"])
def test_the_desk_reads_where_each_company_stands(world: World, browser_of: Browsers, who: str) -> None:
    shown = text(browser_of(who).get(WHERE))
    assert "Demo Retail (fictitious) Yes: our subsidiary" in shown
    assert "Demo Energy (fictitious) → Demo Insurance (fictitious): Majority of the votes" in shown
    sold = localdate(world.now) - timedelta(days=30)
    assert f"No, the last day was {sold:%A} {sold.day} {sold:%B %Y}" in shown
    assert "Minority stake: no control, 20 per cent" in shown
    assert ("Enter a holding" in shown) == (who in {"head", "admin"})


@pytest.mark.parametrize("who", ["outsider", "holder"])
@pytest.mark.parametrize("page", ["/registers/", WHERE])
def test_for_others_there_are_no_registers(world: World, browser_of: Browsers, who: str, page: str) -> None:
    assert browser_of(who).get(page).status_code == 404


def test_the_head_of_legal_enters_a_line_and_ends_it(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    assert head.post(WHERE, line(world)).status_code == 302
    shown = text(head.get(WHERE))
    assert "Demo Media (fictitious) Yes: our subsidiary" in shown
    assert "Share purchase agreement of today (L-77)" in shown
    row = Relationship.objects.get(company__code="demo-media", test="1159_VOTES")
    ending = {"end": str(row.pk)} | {
        f"end-{row.pk}-{name}": value for name, value in day("last_day", localdate(world.now)).items()
    }
    assert head.post(WHERE, ending).status_code == 302
    row.refresh_from_db()
    assert (row.valid_until, row.ended_by) == (localdate(world.now), world["head"])
    assert f"{world['head'].display_name}" in text(head.get(WHERE))


def test_every_problem_is_named_and_what_was_typed_stays(world: World, browser_of: Browsers) -> None:
    answer = browser_of("head").post(WHERE, line(world, evidence="", test="", percent="many"))
    assert answer.status_code == 422
    shown = text(answer)
    assert "Write the per cent as a number" in shown
    assert "“The document that shows it, and its date” needs an answer" in shown
    assert 'value="L-77"' in answer.content.decode()


def test_a_refusal_of_the_register_is_a_sentence_on_the_page(world: World, browser_of: Browsers) -> None:
    answer = browser_of("head").post(WHERE, line(world, percent="50"))
    assert answer.status_code == 422
    assert "A minority stake is no relationship" in text(answer)


def test_a_clerk_who_posts_changes_nothing(world: World, browser_of: Browsers) -> None:
    before = Relationship.objects.count()
    assert browser_of("clerk").post(WHERE, line(world)).status_code == 200
    assert Relationship.objects.count() == before


def test_the_page_asks_the_same_number_of_questions_whatever_it_holds(
    world: World, browser_of: Browsers
) -> None:
    client = browser_of("clerk")
    client.get(WHERE)

    with CaptureQueriesContext(connection) as few:
        client.get(WHERE)
    for number in range(8):
        browser_of("head").post(WHERE, line(world, evidence=f"Document {number}"))
    with CaptureQueriesContext(connection) as many:
        client.get(WHERE)
    assert len(many) == len(few)
