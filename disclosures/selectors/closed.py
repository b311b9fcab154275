"""What may not be disclosed as things stand: items of other bodies' schemes, people whom the company may not be given.

The guards ask the same of every step towards a release; here the reviewer hears it before a decision is lost on it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..catalogue import PURPOSES
from ..catalogue import Instrument as Terms
from ..facts import Facts
from ..guards.group import CREDIT, credit_check_is_allowed, nobody_barred_is_disclosed
from ..guards.schemes import scheme_lets_it_be_passed_on
from ..models import Instrument, Item, Request, Subject
from ..states import Kind
from ..workflow import Objection
from .group import credit_gaps_by_person, group_facts, standings_of_people
from .schemes import scheme_facts, why_items_may_not_be_passed_on

ASKED = (scheme_lets_it_be_passed_on, nobody_barred_is_disclosed, credit_check_is_allowed)


@dataclass(frozen=True, slots=True)
class Closed:
    """`items` by id, `people` by position; each in sentences that say what to do."""

    items: Mapping[int, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)

    def why(self, item: Item, position: int) -> str:
        """Empty where the item of this person may be disclosed."""
        return " ".join(filter(None, (self.items.get(item.pk, ""), self.people.get(position, ""))))


def closed_to_disclosure(request: Request, *, now: datetime) -> Closed:
    """Of the whole request; the number of queries does not grow with the people."""
    terms = _terms(request)
    way_on = (
        "An order binds all the same: the head of legal or an approver first records it as the ground, under “Scheme rules”."
        if terms is not None and not terms.voluntary
        else "Withhold it with R-THIRD, or let legal record under “Scheme rules” that the scheme permits it."
    )
    items = {
        pk: f"It {why}. {way_on}" for pk, why in why_items_may_not_be_passed_on(request, now=now).items()
    }
    return Closed(items, _people(request, now) if request.kind == Kind.GROUP else {})


def _people(request: Request, now: datetime) -> dict[int, str]:
    people = {
        position: f"This person {why}. Withhold with R-OPT."
        for position, why in standings_of_people(request, now=now).items()
    }
    if request.policy_purpose != CREDIT:
        return people
    subjects = list(Subject.objects.filter(request=request).order_by("position"))
    for position, lacking in credit_gaps_by_person(request, subjects, now=now).items():
        if lacking:
            said = f"{' '.join(lacking)} Record what is missing, or withhold with R-CRC."
            people[position] = " ".join(filter(None, (people.get(position, ""), said)))
    return people


def objections_to_disclosing(
    request: Request, *, items: Collection[Item], subjects: Sequence[Subject], now: datetime
) -> list[Objection]:
    """What the guards would say if these items of these people went out."""
    if not items or (request.kind != Kind.GROUP and not any(item.is_from_a_scheme for item in items)):
        return []
    terms = _terms(request)
    facts = Facts(
        now=now,
        actor_id=0,
        actor_roles=frozenset(),
        recorded_by_id=0,
        kind=request.kind,
        instrument=terms,
        policy_purpose=PURPOSES.get(request.policy_purpose),
        disclosed=len(subjects),
        schemes=scheme_facts(request, list(items), terms, disclosed={item.pk for item in items}, now=now),
        group=group_facts(
            request,
            kind=request.kind,
            terms=terms,
            subjects=subjects,
            disclosed={subject.pk for subject in subjects},
            now=now,
        ),
    )
    said = ((guard.__name__, guard(facts)) for guard in ASKED)
    return [Objection(name, sentence) for name, sentence in said if sentence]


def _terms(request: Request) -> Terms | None:
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    return instrument.terms if instrument else None
