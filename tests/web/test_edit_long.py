"""A company's request that names more people than a form can carry is corrected by the desk, and the people stay."""

import pytest
from django.http import HttpResponse
from django.test import Client

from disclosures.demo_kinds import CompanyRoad
from disclosures.models import Request, Subject, SubjectMark
from disclosures.selectors.opening import open_request
from disclosures.services.intake import ItemInput, SubjectInput
from tests.world import World

from .filling import Values, filled, with_changes
from .long_list import MONTH
from .test_company import words
from .work_pages import Browsers

pytestmark = pytest.mark.django_db
PEOPLE = 60
KEPT = "They stay as they are, whatever you save here."


def submitted(world: World, people: int = PEOPLE) -> Request:
    world.made += 1
    road = CompanyRoad(world.people, world.police, world.now, number=world.made)
    road.record(
        items=(ItemInput(item_type="PAYMENTS", **MONTH),),
        subjects=tuple(
            SubjectInput(own_reference=f"A-{n}", name=f"Person {n}", account_number=f"ZX-{n}")
            for n in range(1, people + 1)
        ),
    )
    road.submit()
    return Request.objects.get(pk=road.request.pk)


def form_of(client: Client, request: Request) -> Values:
    where = f"/requests/{request.reference}/edit/"
    return filled(client.get(where).content.decode(), where)


def save(client: Client, request: Request, form: Values, **changes: str) -> HttpResponse:
    return client.post(
        f"/requests/{request.reference}/edit/", with_changes(form, {"save": "draft", **changes})
    )


def kept(request: Request) -> list[tuple[object, ...]]:
    return list(
        Subject.objects.filter(request=request).order_by("position").values_list("pk", "position", "seal_id")
    )


def marks(request: Request) -> set[tuple[int, str, str]]:
    return set(SubjectMark.objects.filter(request=request).values_list("subject_id", "mark", "digest"))


def test_sixty_people_stay_while_the_clerk_corrects_the_rest(world: World, browser_of: Browsers) -> None:
    clerk, request = browser_of("clerk"), submitted(world)
    before, marked = kept(request), marks(request)
    assert len(before) == PEOPLE
    page = clerk.get(f"/requests/{request.reference}/edit/")
    assert f"This request names {PEOPLE} people, too many to be typed in a form. {KEPT}" in words(page)
    assert f'href="/requests/{request.reference}/lines/"' in page.content.decode()
    form = form_of(clerk, request)
    assert not [name for name in form if name.startswith("people-")]
    response = save(clerk, request, form, summary="Put right by the clerk.")
    assert (response.status_code, response["Location"]) == (302, f"/requests/{request.reference}/")
    assert (kept(request), marks(request)) == (before, marked)
    opened = open_request(Request.objects.get(pk=request.pk), actor=world["clerk"], now=world.now)
    assert opened.request.summary == "Put right by the clerk."
    assert [row.own_reference for row in opened.subjects] == [f"A-{n}" for n in range(1, PEOPLE + 1)]


def test_a_mistake_and_another_row_leave_the_people_out_of_the_form_too(
    world: World, browser_of: Browsers
) -> None:
    clerk, request = browser_of("clerk"), submitted(world)
    form, before = form_of(clerk, request), kept(request)
    wrong = save(clerk, request, form, channel="", summary="Still here.")
    assert wrong.status_code == 422
    assert KEPT in words(wrong)
    assert "Still here." in wrong.content.decode()
    more = save(clerk, request, form, **{"add-things": "1"})
    assert more.status_code == 200
    again = filled(more.content.decode(), f"/requests/{request.reference}/edit/")
    assert again["things-TOTAL_FORMS"] == ["2"]
    assert kept(request) == before


def test_people_sent_in_spite_of_it_are_not_read(world: World, browser_of: Browsers) -> None:
    clerk, request = browser_of("clerk"), submitted(world)
    before = kept(request)
    rows = {"people-TOTAL_FORMS": "1", "people-INITIAL_FORMS": "0", "people-0-name": "Somebody Else"}
    assert (
        save(clerk, request, form_of(clerk, request) | {k: [v] for k, v in rows.items()}).status_code == 302
    )
    assert kept(request) == before


def test_twenty_five_are_typed_and_twenty_six_stay(world: World, browser_of: Browsers) -> None:
    clerk = browser_of("clerk")
    assert form_of(clerk, submitted(world, 25))["people-TOTAL_FORMS"] == ["25"]
    assert "people-TOTAL_FORMS" not in form_of(clerk, submitted(world, 26))


def test_people_who_stay_are_still_held_against_the_preferences_when_the_instrument_changes(
    world: World, browser_of: Browsers
) -> None:
    clerk, request = browser_of("clerk"), submitted(world)
    marked = marks(request)
    assert len({pk for pk, _, _ in marked}) == PEOPLE
    assert save(clerk, request, form_of(clerk, request), instrument="P-DPA2").status_code == 302
    assert marks(request) == set()
    assert save(clerk, request, form_of(clerk, request), instrument="G-POL").status_code == 302
    assert marks(request) == marked
