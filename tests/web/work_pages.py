"""What the tests of the work pages share: the road to a page, and what it answers."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.test import Client

from disclosures.demo import Road
from disclosures.forms.fields import LONDON
from disclosures.states import State
from tests.web.html import Page
from tests.world import World

Browsers = Callable[[str], Client]


def at(world: World, state: State) -> Road:
    road = world.road()
    road.to(state)
    return road


def address(road: Road, page: str) -> str:
    return f"/requests/{road.request.reference}/{page}/"


def page_of(response: HttpResponse, status: int = 200) -> Page:
    assert response.status_code == status
    return Page(response.content.decode())


def moment(name: str, when: datetime) -> dict[str, str]:
    local = when.astimezone(LONDON)
    return {
        f"{name}_day": str(local.day),
        f"{name}_month": str(local.month),
        f"{name}_year": str(local.year),
        f"{name}_time": f"{local:%H:%M}",
    }


def goes_back(response: HttpResponse, road: Road) -> None:
    assert response.status_code == 302
    assert response["Location"] == f"/requests/{road.request.reference}/"
