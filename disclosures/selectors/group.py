"""What the guards ask only of a company of the group: its place, its channels, and whom it may not be given."""

from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import datetime

from django.utils.timezone import localdate

from accounts.models import Organisation
from privacy.approach import why_not_approach, why_not_partner, why_not_share
from privacy.credit import Application, gaps
from privacy.models import PolicyClause
from privacy.selectors import clauses_of, histories_of, version_or_none
from sealing.blind import unveil

from ..catalogue import Instrument as Terms
from ..facts import Barred, GroupFacts
from ..guards.group import CREDIT, MARKETING, PARTNERS
from ..models import CreditApplication, Instrument, Request, Subject, SubjectMark
from ..states import Kind
from .partners import partner_consented_to


def group_facts(
    request: Request,
    *,
    kind: str,
    terms: Terms | None,
    subjects: Sequence[Subject],
    disclosed: Set[int],
    now: datetime,
) -> GroupFacts:
    """`disclosed` are the ids of the people of whom something is to go out. Asks nothing for other kinds."""
    if kind != Kind.GROUP or request.body is None:
        return GroupFacts()
    wanted = [subject for subject in subjects if subject.pk in disclosed]
    policy = version_or_none(now)
    consent = partner_consented_to(request, now) if request.policy_purpose == PARTNERS else None
    said = clauses_of(policy).get((PolicyClause.Register.PURPOSE, request.policy_purpose))
    return GroupFacts(
        policy_number=policy.number if policy else None,
        purpose_clause=said.clause if said else "",
        purpose_above=said.stands_above if said else None,
        credit_gaps=credit_gaps(request, wanted, now=now) if request.policy_purpose == CREDIT else (),
        is_abroad=request.body.nation == Organisation.Nation.ABROAD,
        transfer_abroad=request.transfer_abroad,
        transfer_mechanism=request.transfer_mechanism,
        channels=tuple(request.marketing_channels),
        partner=consent.partner.name if consent else "",
        barred=tuple(barred_among(request, wanted, marketing=_is_marketing(terms), now=now)),
    )


def credit_gaps(request: Request, subjects: Sequence[Subject], *, now: datetime) -> tuple[str, ...]:
    """What these people lack for a credit check, in sentences."""
    return tuple(gap for found in credit_gaps_by_person(request, subjects, now=now).values() for gap in found)


def credit_gaps_by_person(
    request: Request, subjects: Sequence[Subject], *, now: datetime
) -> dict[int, tuple[str, ...]]:
    """By position; of everybody asked about, nothing where the check is allowed."""
    rows = CreditApplication.objects.filter(request=request).select_related("agency", "terms")
    made = {row.subject_id: _application(row) for row in rows}
    today = localdate(now)
    return {person.position: gaps(person.position, made.get(person.pk), today) for person in subjects}


def gaps_of_people(request: Request, *, now: datetime) -> tuple[str, ...]:
    people = list(Subject.objects.filter(request=request).order_by("position"))
    return credit_gaps(request, people, now=now)


def _application(row: CreditApplication) -> Application:
    return Application(
        applied_on=row.applied_on,
        terms_name=row.terms.name,
        terms_from=row.terms.effective_from,
        terms_until=row.terms.effective_until,
        terms_have_clause=row.terms.has_credit_clause,
        agency_name=row.agency.name,
        agency_looked_up_on=row.agency.looked_up_on,
        agency_ended_on=row.agency.ended_on,
    )


def standings_of_people(request: Request, *, now: datetime) -> dict[int, str]:
    """Of everybody on the request who may not be given to the company today: position and reason."""
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    subjects = list(Subject.objects.filter(request=request).order_by("position"))
    marketing = _is_marketing(instrument.terms if instrument else None)
    return {row.position: row.why for row in barred_among(request, subjects, marketing=marketing, now=now)}


def barred_among(
    request: Request, subjects: Sequence[Subject], *, marketing: bool, now: datetime
) -> list[Barred]:
    """Of these people, those who may not be disclosed to this company today, with the reason."""
    if not subjects or request.body is None:
        return []
    marks: dict[int, dict[str, str]] = defaultdict(dict)
    for row in SubjectMark.objects.filter(request=request, subject__in=[subject.pk for subject in subjects]):
        marks[row.subject_id][row.mark] = unveil(row.digest)
    about_partners = marketing and request.policy_purpose == PARTNERS
    consent = partner_consented_to(request, now) if about_partners else None
    histories = histories_of({subject.pk: marks[subject.pk] for subject in subjects})
    found = []
    for subject in subjects:
        events = histories[subject.pk]
        why = why_not_share(events)
        if why is None and consent is not None:
            why = why_not_partner(
                events,
                channels=request.marketing_channels,
                partner=consent.partner_id,
                partner_name=consent.partner.name,
                company=request.body.pk,
                today=localdate(now),
            )
        elif why is None and about_partners:
            why = "may be approached by no partner: none has our consent today"
        elif why is None and marketing:
            why = why_not_approach(
                events,
                channels=request.marketing_channels,
                company=request.body.pk,
                company_name=request.body.name,
                today=localdate(now),
            )
        if why:
            found.append(Barred(subject.position, why))
    return found


def _is_marketing(terms: Terms | None) -> bool:
    return terms is not None and terms.code == MARKETING
