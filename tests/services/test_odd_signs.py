"""What makes a request unlike the others, and that a secret never shows through it."""

from datetime import datetime

import pytest

from accounts.models import Organisation, User
from accounts.services import register_organisation
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.models import Officer, Request
from disclosures.selectors.anomalies import is_out_of_hours, odd_signs
from disclosures.selectors.opening import open_request
from disclosures.services.intake import OfficerInput, SubjectInput
from sealing.blind import blind_index, normal
from tests.world import World

pytestmark = pytest.mark.django_db

MONDAY_NOON = "2026-11-23T12:00:00+00:00"


def signs(world: World, request: Request, user: User) -> set[str]:
    opened = open_request(Request.objects.get(pk=request.pk), actor=user, now=world.now)
    return {sign.code for sign in odd_signs(opened.request.row, opened, user=user, now=world.now)}  # type: ignore[arg-type]


def recorded(world: World, *, number: int, at: str = MONDAY_NOON, **changes: object) -> Request:
    """An ordinary request of officer 40<number>, received in office hours unless told otherwise."""
    road = Road(world.people, world.police, world.now, number=number)
    road.record(received_at=datetime.fromisoformat(at), **changes)
    road.submit()
    assert road.request is not None
    return road.request


def officer(badge: int, **changes: str) -> OfficerInput:
    given = {
        "rank": "PC",
        "name": "Robin Sample",
        "number": f"40{badge:03d}",
        "email": "robin.sample@northshire.example",
    }
    return OfficerInput(**{**given, **changes})


def test_the_first_request_of_an_officer_and_of_a_mailbox_is_marked_and_the_second_is_not(
    world: World,
) -> None:
    first = recorded(world, number=1)
    assert signs(world, first, world["handler"]) == {"NEW_MAILBOX", "FIRST_OF_OFFICER"}
    again = recorded(
        world, number=2, requester=officer(1, number="40-001", email=" Robin.Sample@NORTHSHIRE.example ")
    )
    assert signs(world, again, world["handler"]) == set()
    assert signs(world, first, world["handler"]) == {"NEW_MAILBOX", "FIRST_OF_OFFICER"}, (
        "the later one changes nothing"
    )


def test_a_known_officer_with_a_new_mailbox_is_what_a_hijacker_looks_like(world: World) -> None:
    recorded(world, number=1)
    other = recorded(world, number=2, requester=officer(1, email="r.sample2@northshire.example"))
    assert signs(world, other, world["handler"]) == {"NEW_MAILBOX"}


def test_an_officer_known_only_from_a_restricted_request_is_new_to_whoever_may_not_see_it(
    world: World,
) -> None:
    secret = OrderRoad(world.people, world.police, world.now, number=7)
    secret.record()
    plain = recorded(world, number=8, requester=officer(7))
    world.give("lead", "HANDLER")
    assert signs(world, plain, world["lead"]) == {"NEW_MAILBOX", "FIRST_OF_OFFICER"}
    assert signs(world, plain, world["handler"]) == set(), "a member of both sees what they may see"


def test_the_indexes_of_a_restricted_request_match_no_ordinary_one(world: World) -> None:
    secret = OrderRoad(world.people, world.police, world.now, number=7)
    secret.record()
    plain = recorded(world, number=8, requester=officer(7))
    hidden = Officer.objects.get(request=secret.request, part="REQUESTER")
    shown = Officer.objects.get(request=plain, part="REQUESTER")
    assert hidden.number_index
    assert hidden.number_index != shown.number_index
    assert hidden.email_index != shown.email_index


@pytest.mark.parametrize(
    ("at", "odd"),
    [
        ("2026-11-23T07:00:00+00:00", False),
        ("2026-11-23T06:59:59+00:00", True),
        ("2026-11-23T18:59:59+00:00", False),
        ("2026-11-23T19:00:00+00:00", True),
        ("2026-11-21T12:00:00+00:00", True),
        ("2026-07-01T06:30:00+00:00", False),
        ("2026-07-01T18:30:00+00:00", True),
    ],
)
def test_office_hours_are_londons(at: str, odd: bool) -> None:
    assert is_out_of_hours(datetime.fromisoformat(at), "EW") is odd


def test_a_request_of_the_night_is_marked(world: World) -> None:
    late = recorded(world, number=1, at="2026-11-24T23:10:00+00:00")
    assert "OUT_OF_HOURS" in signs(world, late, world["handler"])


def test_many_people_are_marked(world: World) -> None:
    crowd = tuple(SubjectInput(status="WITNESS", name=f"Person {number}") for number in range(10))
    assert "MANY_PEOPLE" in signs(world, recorded(world, number=1, subjects=crowd), world["handler"])
    assert "MANY_PEOPLE" not in signs(world, recorded(world, number=2, subjects=crowd[:9]), world["handler"])


def test_an_emergency_without_any_reference_is_marked(world: World) -> None:
    night = {"urgency": "IMMEDIATE", "urgency_reason": "A child is missing.", "channel": "TELEPHONE"}
    bare = recorded(world, number=1, crime_reference="", **night)
    assert "EMERGENCY_WITHOUT_REFERENCE" in signs(world, bare, world["handler"])
    known = recorded(world, number=2, crime_reference="", operation_name="LANTERN", **night)
    assert "EMERGENCY_WITHOUT_REFERENCE" not in signs(world, known, world["handler"])


def test_an_address_off_the_register_is_marked(world: World) -> None:
    odd = recorded(world, number=1, requester=officer(1, email="robin@new-unit.police.uk"))
    assert "ADDRESS_OFF_THE_REGISTER" in signs(world, odd, world["handler"])


def test_a_companys_own_people_are_known_by_their_account(world: World) -> None:
    road = CompanyRoad(world.people, world.police, world.now, number=1)
    road.submit()
    assert road.request is not None
    assert signs(world, road.request, world["handler"]) == set()


def test_another_bodys_officer_with_the_same_number_is_another_officer(world: World) -> None:
    other = register_organisation(
        code="southshire", name="Southshire Police (fictitious)", kind=Organisation.Kind.POLICE_FORCE, nation="EW",
        actor=None, now=world.now,
    )  # fmt: skip
    recorded(world, number=1)
    elsewhere = recorded(world, number=2, body_id=other.pk, requester=officer(1))
    assert "FIRST_OF_OFFICER" in signs(world, elsewhere, world["handler"])


def test_a_blind_index_tells_the_same_from_the_different_and_nothing_else() -> None:
    same = {
        blind_index(text, of="email", restricted=False)
        for text in ("A@b.example", " a@B.example ", "ａ@b.example")
    }
    assert len(same) == 1
    assert blind_index("a@b.example", of="number", restricted=False) not in same
    assert blind_index("a@b.example", of="email", restricted=True) not in same
    assert blind_index("  ", of="email", restricted=False) == ""
    assert normal("  Straße   1 ") == "strasse 1"
