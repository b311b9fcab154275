"""The catalogue's pages: found by words, read with the way drawn, signed by a lawyer, switched by two roles."""

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.test import Client

from disclosures.catalogue import INSTRUMENTS
from disclosures.models import InstrumentStanding, Request
from disclosures.services.standing import switch_off
from tests.web.html import Page
from tests.world import World

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]
VERSION = str(INSTRUMENTS["A-PO"].version)


def text(response) -> str:
    return Page(response.content.decode()).text


def test_every_instrument_stands_in_the_list_in_few_queries(
    world: World, browser_of: Browsers, django_assert_max_num_queries
) -> None:
    client = browser_of("admin")
    client.get("/instruments/")
    with django_assert_max_num_queries(12):
        shown = client.get("/instruments/").content.decode()
    assert all(f">{code}</span>" in shown for code in INSTRUMENTS)


@pytest.mark.parametrize(
    ("words", "there", "gone"),
    [
        ("production order", "A-PO", "P-DPA2"),
        ("IPA-82", "P-IPA60A", "A-PO"),
        ("coroner", "O-COR", "A-PO"),
        ("route", "O-DWP", "A-PO"),
    ],
)
def test_an_instrument_is_found_by_its_words(
    world: World, browser_of: Browsers, words: str, there: str, gone: str
) -> None:
    shown = browser_of("head").get("/instruments/", {"q": words}).content.decode()
    assert f">{there}</span>" in shown
    assert f">{gone}</span>" not in shown


def test_nothing_found_says_what_to_do(world: World, browser_of: Browsers) -> None:
    assert "Try fewer" in text(browser_of("head").get("/instruments/", {"q": "moonlight serenade"}))


def test_each_instrument_is_drawn_and_said(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    for code, row in INSTRUMENTS.items():
        page = head.get(f"/instruments/{code}/")
        html = page.content.decode()
        start = html.index('<svg class="flow"')
        svg = ElementTree.fromstring(html[start : html.index("</svg>", start) + 6])
        titles = [element.text for element in svg.iter() if element.get("class") == "flow-title"]
        assert (
            len(titles) == {"REQUEST": 6, "ROUTE": 3, "CITATION": 3, "OUTGOING": 1, "NOTE": 1}[row.row_type]
        ), code
        shown = " ".join(text(page).split())
        for said in (row.plain_words, row.statute, row.who, row.sanction):
            assert " ".join(said.split()) in shown, code


def test_the_page_of_an_instrument_shows_who_is_reminded_when(world: World, browser_of: Browsers) -> None:
    order = " ".join(text(browser_of("head").get("/instruments/A-PO/")).split())
    assert "Bound by law, with the nominated officer BOUND_AML" in order
    assert (
        "Overdue, every day: head of legal, data protection officer, money laundering reporting officer."
        in order
    )
    assert "An emergency, every 15 minutes: whoever has it" in order
    assert "marked as a risk of contempt" in order
    form = " ".join(text(browser_of("head").get("/instruments/P-DPA2/")).split())
    assert "Overdue, every day: head of legal, data protection officer." in form
    assert "risk of contempt" not in form
    assert "Reminders" not in text(browser_of("head").get("/instruments/A-SAR330/"))


def test_whoever_is_no_colleague_finds_no_catalogue(world: World, browser_of: Browsers) -> None:
    for address in ("/instruments/", "/instruments/P-DPA2/"):
        assert browser_of("outsider").get(address).status_code == 404
    assert browser_of("head").get("/instruments/P-NONE/").status_code == 404


def test_a_lawyer_signs_off_and_the_page_says_who_did(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    assert "no house lawyer has signed it off" in text(head.get("/instruments/A-PO/"))
    assert head.post("/instruments/A-PO/", {"sign": VERSION}).status_code == 302
    assert f"signed off by {world['head'].display_name}" in text(head.get("/instruments/A-PO/"))
    assert InstrumentStanding.objects.get(code="A-PO").signed_version == int(VERSION)
    again = head.post("/instruments/A-PO/", {"sign": VERSION})
    assert again.status_code == 422
    assert "signed off already" in text(again)


def test_nobody_else_is_offered_the_signature_or_the_switch(world: World, browser_of: Browsers) -> None:
    clerk = browser_of("clerk")
    html = clerk.get("/instruments/A-PO/").content.decode()
    assert "Sign off version" not in html
    assert "Switch it off" not in html
    assert clerk.post("/instruments/A-PO/", {"sign": VERSION}).status_code == 404
    assert clerk.post("/instruments/A-PO/", {"off": "1", "reason": "REPEALED"}).status_code == 404
    assert not InstrumentStanding.objects.exists()


def test_what_is_switched_off_can_be_chosen_no_more(world: World, browser_of: Browsers) -> None:
    admin, clerk = browser_of("admin"), browser_of("clerk")
    assert 'value="P-SOC62"' in clerk.get("/requests/new/restricted/").content.decode()
    assert admin.post("/instruments/P-SOC62/", {"off": "1", "reason": ""}).status_code == 422
    assert admin.post("/instruments/P-SOC62/", {"off": "1", "reason": "DOUBTED"}).status_code == 302
    assert 'value="P-SOC62"' not in clerk.get("/requests/new/restricted/").content.decode()
    assert "Switched off" in text(admin.get("/instruments/P-SOC62/"))
    assert admin.post("/instruments/P-SOC62/", {"on": "1"}).status_code == 302
    assert 'value="P-SOC62"' in clerk.get("/requests/new/restricted/").content.decode()


def test_a_draft_keeps_its_instrument_when_that_is_switched_off(world: World, browser_of: Browsers) -> None:
    road = world.road()
    draft = road.record()
    switch_off(code="P-DPA2", reason="DOUBTED", actor=world["admin"], now=world.now)
    assert (
        'value="P-DPA2" selected'
        in browser_of("clerk").get(f"/requests/{draft.reference}/edit/").content.decode()
    )


def test_what_arrives_is_grouped_and_our_own_duties_are_not_there(world: World, browser_of: Browsers) -> None:
    html = browser_of("clerk").get("/requests/new/restricted/").content.decode()
    assert '<optgroup label="Police: a court orders">' in html
    assert '<optgroup label="Outside the three kinds: handed to legal">' in html
    for code, row in INSTRUMENTS.items():
        assert (f'<option value="{code}">' in html) == row.arrives, code


def test_an_interception_warrant_is_never_recorded(world: World, browser_of: Browsers) -> None:
    clerk, before = browser_of("clerk"), Request.objects.count()
    answer = clerk.post("/requests/new/", {"arrived": "interception"}, follow=True)
    shown = text(answer)
    assert "Nothing was recorded, and nothing will be" in shown
    assert world["head"].display_name in shown
    assert Request.objects.count() == before
    assert browser_of("handler").get("/requests/new/by-hand/").status_code == 404
