"""The reading pages of organisations and colleagues; what the reader may not see is neither shown nor counted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from disclosures.services.access import assign_request, restrict_request
from disclosures.states import State
from tests.web.work_pages import Browsers, at, page_of
from tests.world import World

pytestmark = pytest.mark.django_db

LIST, NORTHSHIRE = "/registers/organisations/", "/registers/organisations/northshire/"


def test_an_organisation_is_found_by_its_name_and_kind(world: World, browser_of: Browsers) -> None:
    handler = browser_of("handler")
    assert "Northshire Constabulary" in page_of(handler.get(LIST)).text
    assert "Northshire Constabulary" in page_of(handler.get(LIST + "?typed=northsh")).text
    assert "Northshire Constabulary" not in page_of(handler.get(LIST + "?kind=COURT")).text
    odd = page_of(handler.get(LIST + "?kind=WEATHER&typed=zzzz"))
    assert "No organisation in the register is like that." in odd.text


def test_its_page_tells_what_a_call_back_needs(world: World, browser_of: Browsers) -> None:
    shown = page_of(browser_of("handler").get(NORTHSHIRE)).text
    assert "01632 960000" in shown
    assert "The force's own website" in shown
    assert "northshire.example" in shown
    assert "Organisation registered" in shown


def test_its_requests_are_those_that_the_reader_may_see(world: World, browser_of: Browsers) -> None:
    plain, secret = at(world, State.SUBMITTED), at(world, State.SUBMITTED)
    both = page_of(browser_of("handler").get(NORTHSHIRE)).text
    assert plain.request.reference in both
    assert secret.request.reference in both
    restrict_request(
        request_id=secret.request.pk, members={world["lead"]: "TEAM_LEAD"}, reason="An order came.",
        actor=world["head"], now=world.now,
    )  # fmt: skip
    shown = page_of(browser_of("handler").get(NORTHSHIRE)).text
    assert plain.request.reference in shown
    assert secret.request.reference not in shown
    assert secret.request.reference in page_of(browser_of("lead").get(NORTHSHIRE)).text
    for who in ("admin", "auditor"):
        assert plain.request.reference not in page_of(browser_of(who).get(NORTHSHIRE)).text


def test_a_company_shows_whether_it_is_related(world: World, browser_of: Browsers) -> None:
    shown = page_of(browser_of("handler").get(LIST + "demo-retail/")).text
    assert "Related to us today" in shown


def test_a_colleagues_page_shows_roles_and_what_they_have(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    assign_request(request_id=road.request.pk, assignee=world["verifier"], actor=world["lead"], now=world.now)
    here = f"/people/{world['verifier'].ref}/"
    links = [link.get("href") for link in page_of(browser_of("handler").get("/people/")).every("a")]
    assert here in links
    shown = page_of(browser_of("handler").get(here)).text
    assert "Handler" in shown
    assert road.request.reference in shown
    restrict_request(
        request_id=road.request.pk, members={world["lead"]: "TEAM_LEAD"}, reason="An order came.",
        actor=world["head"], now=world.now,
    )  # fmt: skip
    assert road.request.reference not in page_of(browser_of("handler").get(here)).text


def test_the_pages_are_for_colleagues_and_for_what_is_there(world: World, browser_of: Browsers) -> None:
    for who in ("outsider", "holder"):
        for page in (LIST, NORTHSHIRE, "/people/", "/people/decide/", f"/people/{world['handler'].ref}/"):
            assert browser_of(who).get(page).status_code == 404
    for who in ("clerk", "admin", "auditor"):
        for page in ("/people/", "/people/decide/", f"/people/{world['handler'].ref}/"):
            assert browser_of(who).get(page).status_code == 200
    for page in (LIST + "nothing/", "/people/u_nobody/", f"/people/{world['outsider'].ref}/"):
        assert browser_of("handler").get(page).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_requests(world: World, browser_of: Browsers) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser_of("handler").get(NORTHSHIRE)
        return len(captured)

    at(world, State.SUBMITTED)
    asked()
    few = asked()
    for _ in range(4):
        at(world, State.SUBMITTED)
    assert asked() == few
