"""The pages of the team: people, leave, guests, and who can decide what."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from accounts.models import Absence
from accounts.roles import Role
from accounts.selectors import roles_of
from tests.web.html import Page
from tests.world import World

Browsers = Callable[[str], Client]


def day(name: str, world: World, ahead: int) -> dict[str, str]:
    when = localdate(world.now) + timedelta(days=ahead)
    return {f"{name}_day": str(when.day), f"{name}_month": str(when.month), f"{name}_year": str(when.year)}


def leave(world: World, who: str = "handler", cover: str = "verifier", last: int = 4) -> dict[str, str]:
    names = {"away": "1", "who": world[who].ref, "cover": world[cover].ref}
    return names | day("first_day", world, 0) | day("last_day", world, last)


def text(response) -> str:
    return Page(response.content.decode()).text


def test_everybody_in_office_stands_there_with_roles(world: World, browser_of: Browsers) -> None:
    shown = text(browser_of("clerk").get("/people/"))
    for who in ("handler", "approver", "auditor", "admin"):
        assert world[who].display_name in shown
    assert world["outsider"].display_name not in shown


def test_leave_is_recorded_shown_and_taken_back(world: World, browser_of: Browsers) -> None:
    lead = browser_of("lead")
    assert lead.post("/people/", leave(world)).status_code == 302
    shown = text(lead.get("/people/"))
    assert "Away" in shown
    assert f"{world['verifier'].display_name} covers" in shown
    row = Absence.objects.get()
    assert browser_of("clerk").post("/people/", {"back": str(row.pk)}).status_code == 200
    assert Absence.objects.exists(), "a clerk does not take back somebody else's leave"
    assert lead.post("/people/", {"back": str(row.pk)}).status_code == 302
    assert not Absence.objects.exists()


def test_everybody_records_their_own_leave_and_nobody_elses(world: World, browser_of: Browsers) -> None:
    handler = browser_of("handler")
    assert handler.post("/people/", leave(world)).status_code == 302
    refused = handler.post("/people/", leave(world, "approver"))
    assert refused.status_code == 422
    assert "Choose one of the people shown" in text(refused)
    assert Absence.objects.count() == 1


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_lost(world: World, browser_of: Browsers) -> None:
    data = leave(world, last=-2) | {"who": ""}
    answer = browser_of("lead").post("/people/", data)
    assert answer.status_code == 422
    shown = text(answer)
    assert "“Who is away” needs an answer." in shown
    assert "The last day lies before the first" in shown
    assert f'value="{data["last_day_day"]}"' in answer.content.decode()


def test_only_the_head_of_legal_names_a_guest(world: World, browser_of: Browsers) -> None:
    data = {"invite": "1", "guest": world["mlro"].ref} | day("until", world, 9)
    assert "Who approves for a while" not in text(browser_of("lead").get("/people/"))
    browser_of("lead").post("/people/", data)
    assert Role.APPROVER not in roles_of(world["mlro"], world.now)
    assert browser_of("head").post("/people/", data).status_code == 302
    assert "until" in text(browser_of("head").get("/people/"))
    refused = browser_of("head").post("/people/", data | day("until", world, 400))
    assert "three months" in text(refused)


def test_who_decides_says_when_an_instrument_cannot_be_finished(world: World, browser_of: Browsers) -> None:
    client = browser_of("handler")
    assert "Cannot be finished" not in text(client.get("/people/decide/"))
    lead = browser_of("lead")
    for who in ("approver", "second", "head"):
        lead.post("/people/", leave(world, who, "clerk"))
    shown = text(client.get("/people/decide/"))
    assert "Cannot be finished today" in shown
    assert "Nobody is left for the approval" in shown
    road = world.road()
    road.record()
    page = text(client.get(f"/requests/{road.request.reference}/"))
    assert "Nobody is left who may finish this request" in page


@pytest.mark.parametrize("address", ["/people/", "/people/decide/"])
def test_the_pages_are_not_there_for_outsiders(browser_of: Browsers, address: str) -> None:
    assert browser_of("outsider").get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_queue_shows_what_one_covers(world: World, browser_of: Browsers) -> None:
    assert "Covered by you" not in text(browser_of("verifier").get("/queue/"))
    browser_of("lead").post("/people/", leave(world))
    assert "Those you cover for have nothing open" in text(browser_of("verifier").get("/queue/"))
