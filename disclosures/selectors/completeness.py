"""What a request still lacks, in the words of the form, at each point where its instrument first needs it.

The instrument names the codes (`needs_submit`, `needs_review`, `needs_release`); what each means and when it
does not apply stands here. An oral request has no signature yet, and only a release needs identifiers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..catalogue import INSTRUMENTS, PURPOSES
from ..catalogue import Instrument as Terms
from ..models import Instrument, Item, Officer, Request, Subject
from ..models.request import Urgency

# Until the instrument is known, the form is judged as what most forms are.
USUAL = "P-DPA2"


@dataclass(frozen=True, slots=True)
class Form:
    """The request and its parts, as the checks read them; nothing is opened."""

    request: Request
    subjects: Sequence[Subject]
    items: Sequence[Item]
    officers: Mapping[str, Officer]
    instrument: Instrument | None

    @property
    def terms(self) -> Terms:
        return self.instrument.terms if self.instrument else INSTRUMENTS[USUAL]

    @property
    def requester(self) -> Officer | None:
        return self.officers.get(Officer.Part.REQUESTER)


def missing_to_submit(form: Form) -> tuple[str, ...]:
    return tuple(_missing(form, form.terms.needs_submit))


def missing_to_review(form: Form) -> tuple[str, ...]:
    unknown = () if form.instrument else ("the instrument the request relies on",)
    return (*unknown, *_missing(form, form.terms.needs_review))


def missing_to_release(form: Form) -> tuple[str, ...]:
    return tuple(_missing(form, form.terms.needs_release))


def _missing(form: Form, codes: Iterable[str]) -> Iterable[str]:
    for code in codes:
        yield from CHECKS[code](form)


def _words(sentence: str, present: Callable[[Form], object]) -> Callable[[Form], tuple[str, ...]]:
    return lambda form: () if present(form) else (sentence,)


def _of_requester(sentence: str, name: str) -> Callable[[Form], tuple[str, ...]]:
    return _words(sentence, lambda form: form.requester and getattr(form.requester, name))


def _of_request(sentence: str, name: str) -> Callable[[Form], tuple[str, ...]]:
    return _words(sentence, lambda form: getattr(form.request, name))


def _answered(sentence: str, name: str) -> Callable[[Form], tuple[str, ...]]:
    return _words(sentence, lambda form: getattr(form.request, name) is not None)


def _of_instrument(sentence: str, name: str) -> Callable[[Form], tuple[str, ...]]:
    return _words(sentence, lambda form: form.instrument and getattr(form.instrument, name))


def _telling(form: Form) -> Iterable[str]:
    if form.request.do_not_notify is None:
        yield "whether the person must not be told"
    if form.request.do_not_notify:
        if not form.request.do_not_notify_reason:
            yield "why the person must not be told"
        if not form.request.do_not_notify_review_on:
            yield "when not telling is to be looked at again"


def _urgency(form: Form) -> Iterable[str]:
    if form.request.urgency != Urgency.ROUTINE and not form.request.urgency_reason:
        yield "why it is urgent"


def _transfer(form: Form) -> Iterable[str]:
    if form.request.transfer_abroad is None:
        yield "whether the information leaves the United Kingdom"
    elif form.request.transfer_abroad and not form.request.transfer_mechanism:
        yield "on what the transfer outside the United Kingdom rests"


def _signature(form: Form) -> Iterable[str]:
    """Of a form that came on paper or by mail; who asked by word of mouth signs the form that follows."""
    if not form.request.signed_on:
        yield "the date of the officer's signature"


def _identifiers(form: Form) -> Iterable[str]:
    """Two exact identifiers of each person; under an order or notice one is enough."""
    needed = 2 if form.terms.voluntary else 1
    few = [
        str(subject.position)
        for subject in form.subjects
        if subject.identifiers < (1 if subject.type == Subject.Type.ORGANISATION else needed)
    ]
    if few:
        count = "two identifiers" if needed == 2 else "one identifier"
        yield f"{count} of person {', '.join(few)}"


def _victim_notice(form: Form) -> Iterable[str]:
    """The victim is told in writing, or the reason why not stands here: 2022 Act, section 44B."""
    if not form.request.victim_told_on and not form.request.victim_not_told_reason:
        yield "the day on which the victim was told, or why not"


CHECKS: Mapping[str, Callable[[Form], Iterable[str]]] = {
    "BODY": _of_request("the body that asks", "body_id"),
    "SUBJECTS": _words("at least one person whose data is asked for", lambda form: form.subjects),
    "ITEMS": _words("at least one item", lambda form: form.items),
    "SUMMARY": _of_request("what the matter is about", "summary"),
    "REQUESTER_NAME": _of_requester("the officer's name", "name"),
    "REQUESTER_RANK": _of_requester("the officer's rank", "rank"),
    "REQUESTER_NUMBER": _of_requester("the officer's collar or staff number", "number"),
    "REQUESTER_EMAIL": _of_requester("the officer's e-mail address", "email"),
    "CRIME_REFERENCE": _words(
        "a crime reference",
        lambda form: form.request.crime_reference or form.request.urn or form.request.operation_name,
    ),
    "PURPOSES": _of_request("the purpose", "purposes"),
    "OFFENCE": _words(
        "the offence, or that stating it would prejudice the case",
        lambda form: form.request.offence or form.request.offence_withheld,
    ),
    "NECESSITY": _of_request("the necessity statement", "necessity"),
    "PROPORTIONALITY": _of_request("the proportionality statement", "proportionality"),
    "PREJUDICE": _of_request("the likely prejudice", "prejudice"),
    "SUBJECT_STATUS": _words(
        "the status of each person", lambda form: all(subject.status for subject in form.subjects)
    ),
    "ITEM_PERIOD": _words(
        "the period of each item",
        lambda form: all(item.period_from and item.period_to for item in form.items),
    ),
    "SPECIAL_CATEGORY": _answered("whether special category data is asked for", "special_category_sought"),
    "CHILD": _answered("whether a child or vulnerable adult is involved", "child_or_vulnerable"),
    "COMMUNICATIONS": _answered("whether communications data is asked for", "communications_data_sought"),
    "DO_NOT_NOTIFY": _telling,
    "URGENCY_REASON": _urgency,
    "RISK": _of_request("the risk to life or of serious harm", "urgency_reason"),
    "COURT": _of_instrument("the court that made the order", "court"),
    "JUDGE": _of_instrument("the judge who made the order", "judge"),
    "CASE_NUMBER": _of_instrument("the case number of the order", "case_number"),
    "MADE_ON": _of_instrument("the day on which the order was made", "made_on"),
    "SERVED_ON": _of_instrument("the day on which it was served on us", "served_on"),
    "ADDRESSEE": _of_instrument("to whom the order or notice is addressed", "addressee"),
    "POLICY_PURPOSE": _words(
        "a purpose that the policy opens to the group",
        lambda form: form.request.policy_purpose in PURPOSES,
    ),
    "RECIPIENT": _of_request("who in the company will receive it", "data_recipient"),
    "TRANSFER": _transfer,
    "SIGNED_ON": _signature,
    "DECLARED_PURPOSE": _of_request("the declaration of purpose", "declared_purpose"),
    "DECLARED_OFFENCE": _of_request("the declaration about unlawful obtaining", "declared_offence"),
    "RETURN_CHANNEL": _of_request("the channel for the answer", "return_channel"),
    "IDENTIFIERS": _identifiers,
    "STATUTE": _of_instrument("the law that the request cites", "statute_typed"),
    "AUTHORITY_SHOWN": _of_instrument("the evidence of authority that was shown", "authority_shown"),
    "VALID_UNTIL": _of_instrument("the day until which it is to be kept", "valid_until"),
    "VICTIM_NOTICE": _victim_notice,
    "COUNSELLING": _answered("whether counselling records are asked for", "counselling_sought"),
}
