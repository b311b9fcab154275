"""A preservation request of two people and two items, in review, as tests of its holds use it."""

from datetime import date, timedelta

from django.utils.timezone import localdate

from disclosures.demo import Road
from disclosures.models import HeldSystem, HoldTask
from disclosures.services.access import open_at_triage
from disclosures.services.holding import ask_for_hold
from disclosures.services.intake import InstrumentInput, ItemInput, SubjectInput
from disclosures.states import Action
from tests.world import World

ITEMS = (
    ItemInput(item_type="PAYMENTS", period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)),
    ItemInput(item_type="CORRESPONDENCE", period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)),
)
PEOPLE = (
    SubjectInput(status="SUSPECT", name="Alex Example", born_on="1988-04-17", account_number="ZX-1"),
    SubjectInput(status="VICTIM", name="Sam Example", phone="01632 960401"),
)


def last_day(world: World, days: int = 30) -> date:
    return localdate(world.now) + timedelta(days=days)


def preservation(world: World, *, days: int = 30) -> Road:
    """Recorded, opened to the desk at triage and confirmed; to be kept for so many days from today."""
    road = world.road()
    asked = InstrumentInput(code="P-PRES", dated_on=localdate(world.now), valid_until=last_day(world, days))
    road.record(instrument=asked, subjects=PEOPLE, items=ITEMS)
    road.step("clerk", Action.SUBMIT)
    open_at_triage(
        request_id=road.request.pk, ground="Nothing forbids telling.", actor=world["mlro"], now=world.now
    )
    road.step("handler", Action.ACCEPT)
    road.ring_back()
    road.step("verifier", Action.CONFIRM)
    return road


def hold_in(world: World, road: Road, system: str = "billing") -> HoldTask:
    pk = HeldSystem.objects.get(code=system).pk
    return ask_for_hold(request_id=road.request.pk, system_id=pk, actor=world["handler"], now=world.now)
