"""What a request still lacks, in the words of the form, at each point where the law first needs it.

Each field knows by when it is required: an oral request has no signature yet, and only a release
needs two identifiers of each person.
"""

from collections.abc import Mapping, Sequence

from ..catalogue import Instrument as Terms
from ..models import Instrument, Item, Officer, Request, Subject
from ..models.request import Channel, Urgency


def missing_to_submit(
    request: Request, subjects: Sequence[Subject], items: Sequence[Item], instrument: Instrument | None
) -> tuple[str, ...]:
    checks = {
        "the police force or agency that asks": request.body_id,
        "the instrument the form relies on": instrument,
        "at least one person whose data is asked for": subjects,
        "at least one item": items,
        "what the investigation is about": request.summary,
    }
    return tuple(words for words, present in checks.items() if not present)


def missing_to_review(
    request: Request, subjects: Sequence[Subject], items: Sequence[Item], officers: Mapping[str, Officer]
) -> tuple[str, ...]:
    requester = officers.get(Officer.Part.REQUESTER)
    checks: dict[str, object] = {
        "the officer's name": requester and requester.name,
        "the officer's rank": requester and requester.rank,
        "the officer's collar or staff number": requester and requester.number,
        "the officer's e-mail address": requester and requester.email,
        "a crime reference": request.crime_reference,
        "the purpose": request.purposes,
        "the offence, or that stating it would prejudice the case": request.offence
        or request.offence_withheld,
        "the necessity statement": request.necessity,
        "the proportionality statement": request.proportionality,
        "the likely prejudice": request.prejudice,
        "the status of each person": all(subject.status for subject in subjects),
        "the period of each item": all(item.period_from and item.period_to for item in items),
        "whether special category data is asked for": request.special_category_sought is not None,
        "whether a child or vulnerable adult is involved": request.child_or_vulnerable is not None,
        "whether communications data is asked for": request.communications_data_sought is not None,
        "whether the person must not be told": request.do_not_notify is not None,
    }
    if request.do_not_notify:
        checks["why the person must not be told"] = request.do_not_notify_reason
        checks["when not telling is to be looked at again"] = request.do_not_notify_review_on
    if request.urgency != Urgency.ROUTINE:
        checks["why it is urgent"] = request.urgency_reason
    return tuple(words for words, present in checks.items() if not present)


def missing_to_release(request: Request, subjects: Sequence[Subject], terms: Terms | None) -> tuple[str, ...]:
    """A voluntary kind needs two identifiers of each person; under an order or notice one exact one is enough."""
    needed = 2 if terms is None or terms.voluntary else 1
    few = [str(subject.position) for subject in subjects if subject.identifiers < needed]
    oral = request.channel in {Channel.TELEPHONE, Channel.IN_PERSON} and not request.signed_on
    checks = {
        "the date of the officer's signature": not oral and request.signed_on,
        "the declaration of purpose": request.declared_purpose,
        "the declaration about unlawful obtaining": request.declared_offence,
        "the channel for the answer": request.return_channel,
        f"{needed} identifiers of person {', '.join(few)}": not few,
    }
    return tuple(words for words, present in checks.items() if not present)
