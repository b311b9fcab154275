"""The parts of a decision record that take some finding out: items, tests, decisions, releases."""

import hashlib
from collections.abc import Mapping

from accounts.models import Membership

from .. import record as r
from ..catalogue import REFUSALS, Comms
from ..catalogue import Instrument as Terms
from ..models import Instrument, ItemDecision, Request
from ..states import Action
from ..words import STEP_WORDS
from .delivered import receipt_of
from .letter_text import item_words
from .opening import Opened, OpenedRequest

RETENTION_WORDS: Mapping[str, str] = {
    "RET-CASE": "RET-CASE: six years after it is closed (Limitation Act 1980, sections 2 and 5; in Scotland five)",
    "RET-AML": "RET-AML: five years from the end of the relationship, ten at the most (MLR 2017, regulation 40)",
    "RET-SAR": "RET-SAR: five years from the report, apart from other records",
    "RET-AUD": "RET-AUD: as long as the longest class of cases",
    "RET-COPY": "RET-COPY: what was given, 30 to 90 days; then its digest alone",
    "RET-REF": "RET-REF: two years; six where an order or notice was involved",
    "RET-EMER": "RET-EMER: six years",
    "RET-CPL": "RET-CPL: six years",
    "RET-HOLD": "RET-HOLD: until the hold is lifted",
}
COMMS_WORDS: Mapping[Comms, str] = {
    Comms.ENTITY: "communications data (entity)",
    Comms.EVENTS: "communications data (events)",
    Comms.CONTENT: "content of communications",
}
DECISION_WORDS = dict(ItemDecision.Decision.choices)
YES = {True: "Yes", False: "No"}
SECOND = ("Was the data protection officer asked first?", "second_look", "")
# Of each set of tests: the question, the answer's column, and the column of its reason.
QUESTIONS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "VOLUNTARY": (
        ("Is it authentic?", "authentic", ""),
        ("Does its purpose lie within the law it cites?", "purpose_lawful", "purpose_note"),
        ("Is it necessary?", "necessary", "necessity_note"),
        ("What less was considered?", "", "alternatives_note"),
        ("Is it proportionate, and the minimum?", "proportionate", "proportionality_note"),
        ("Would refusing or telling be likely to prejudice the purpose?", "prejudice_likely", "prejudice_note"),
        ("Is any of it communications data it cannot ask for?", "communications_data", ""),
        ("Anything else for the record", "", "further_note"),
        SECOND,
    ),
    "LEGITIMATE": (
        ("What is the interest, and whose?", "", "interest_note"),
        ("What is gained, and by whom?", "", "benefit_note"),
        ("Why this company?", "", "recipient_note"),
        ("Why each item?", "", "items_note"),
        ("What else would serve?", "", "alternatives_note"),
        ("Would it do without names?", "", "anonymise_note"),
        ("Is it necessary?", "necessary", "necessity_note"),
        ("What do people expect?", "", "expectations_note"),
        ("What does it do to them?", "", "impact_note"),
        ("Who among them is vulnerable?", "", "vulnerable_note"),
        ("Who has opted out or objected?", "", "objections_note"),
        ("Which safeguards are there?", "", "safeguards_note"),
        ("How does the company keep it?", "", "keeping_note"),
        ("Does the interest outweigh the person's own?", "proportionate", "proportionality_note"),
        ("Data sharing agreement", "", "agreement_reference"),
        ("Data protection impact assessment", "", "dpia_reference"),
        ("Anything else for the record", "", "further_note"),
        SECOND,
    ),
    "COMPULSORY": (
        ("Is it valid?", "valid", ""),
        ("Is it addressed to us?", "addressed_to_us", ""),
        ("Is it within its period?", "in_its_period", ""),
        ("Does what we give stay within its terms?", "within_its_terms", ""),
        ("Is privileged material left out?", "privilege_excluded", ""),
        ("Might any of it be excluded or journalistic material?", "excluded_material", ""),
        ("How these answers were reached", "", "terms_note"),
        ("Anything else for the record", "", "further_note"),
        SECOND,
    ),
}  # fmt: skip


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def instruments(request: Request, opened: OpenedRequest) -> tuple[r.InstrumentPart, ...]:
    """The governing one first; of the others what stands in clear."""
    found = [_instrument(opened.instrument, opened.instrument)] if opened.instrument else []
    others = Instrument.objects.filter(request=request, governs=False).order_by("id")
    return (*found, *(_instrument(row, None) for row in others))


def _instrument(row: Instrument | Opened, opened: Opened | None) -> r.InstrumentPart:
    terms: Terms = row.terms

    def text(name: str) -> str | None:
        return str(getattr(opened, name)) or None if opened else None

    return r.InstrumentPart(
        code=row.code,
        name=terms.name,
        statute=terms.statute,
        catalogue_version=row.catalogue_version,
        governs=row.governs,
        force=terms.force.capitalize(),
        cited_as=text("statute_typed"),
        court=text("court"),
        judge=text("judge"),
        case_number=text("case_number"),
        addressee=text("addressee"),
        dated_on=row.dated_on,
        made_on=row.made_on,
        served_on=row.served_on,
        valid_until=row.valid_until,
        stated_due_on=row.stated_due_on,
    )


def items(opened: OpenedRequest) -> tuple[r.ItemPart, ...]:
    """Every item of every person, decided or not."""
    decided = {(row.item_id, row.subject_id): row for row in opened.decisions}
    return tuple(
        _item(subject, item, decided.get((item.pk, subject.pk)))
        for subject in opened.subjects
        for item in opened.items
    )


def _item(subject: Opened, item: Opened, row: Opened | None) -> r.ItemPart:
    kind = item.catalogued
    classed = [COMMS_WORDS[kind.comms]] if kind.comms in COMMS_WORDS else []
    classed += ["special category (Article 9)"] if kind.art9 else []
    classed += ["criminal offences (Article 10)"] if kind.art10 else []
    classed += ["high risk"] if kind.high_risk else []
    code = row.refusal_code if row else ""
    return r.ItemPart(
        person=subject.position,
        item=item.position,
        what=item_words(item),
        classed=tuple(classed),
        decision=DECISION_WORDS[row.decision] if row else "Not decided",
        reason=f"{code}: {REFUSALS[code].words}" if code else None,
        note=row.reason or None if row else None,
        given_sha256=digest(row.text) if row and row.text else None,
        others=row.get_others_display() or None if row else None,
        others_reason=row.others_reason or None if row else None,
        others_sha256=digest(row.others_text) if row and row.others_text else None,
        decided_at=row.decided_at if row else None,
        decided_by=row.decided_by.display_name if row else None,
    )


def tests(opened: OpenedRequest) -> tuple[r.Question, ...]:
    """The newest answers, in the order in which they were asked."""
    if not opened.assessments:
        return ()
    row = opened.assessments[0]
    return tuple(
        r.Question(
            question=question,
            answer=YES.get(getattr(row, answer), "Not asked") if answer else "In words",
            reason=getattr(row, reason) or None if reason else None,
        )
        for question, answer, reason in QUESTIONS[row.tests]
    )


def followed(advice: Opened, opened: OpenedRequest) -> str:
    """Whether the release that came after it went with the advice or against it, and for what reason."""
    approval = next((step for step in opened.steps if step.act == "APPROVE"), None)
    if approval is None or approval.at < advice.given_at:
        return "No decision was taken after it"
    released = approval.action == Action.APPROVE_RELEASE
    if released == advice.in_favour:
        return "Yes"
    if not released:
        return "No: it was refused, or nothing was held"
    return f"No, overridden. The approver's reason: {approval.reason}"


def decisions(opened: OpenedRequest) -> tuple[r.Decision, ...]:
    """Every step that decides or ends something, the oldest first."""
    steps = [row for row in reversed(opened.steps) if row.act or row.action in ALSO_TOLD]
    guests = _guest_roles(steps)
    return tuple(
        r.Decision(
            act=STEP_WORDS[Action(row.action)].done,
            by=row.actor.display_name if row.actor else "The clock",
            role=row.role,
            delegation=guests.get((row.actor_id, row.role)),
            at=row.at,
            round=row.round,
            reason=row.reason or None,
            digest=row.proposal_digest or None,
        )
        for row in steps
    )


ALSO_TOLD = frozenset({
    Action.RETURN, Action.TRANSFER, Action.WITHDRAW, Action.EXPIRE, Action.EXPIRE_BY_HAND, Action.SEND_BACK,
    Action.SEND_BACK_TO_TRIAGE, Action.VOID_APPROVAL, Action.APPEAL, Action.REPORT_WRONG_RELEASE, Action.CONCLUDE_BREACH,
})  # fmt: skip


def _guest_roles(steps: list[Opened]) -> dict[tuple[int, str], str]:
    """Whoever decided in a role that was lent to them for a time."""
    people = {row.actor_id for row in steps if row.actor_id}
    lent = Membership.objects.filter(user__in=people, valid_until__isnull=False).order_by("id")
    return {
        (
            row.user_id,
            str(row.role),
        ): f"Role lent from {r.in_words(row.valid_from)} to {r.in_words(row.valid_until)}"
        for row in lent
        if any(
            step.actor_id == row.user_id and row.valid_until and row.valid_from <= step.at < row.valid_until
            for step in steps
        )
    }


def releases(opened: OpenedRequest) -> tuple[r.Release, ...]:
    """What left the house: the letters that were sent, and what was read out in an emergency."""
    letters = [_letter(row, opened) for row in opened.letters if row.sent_at]
    return (*letters, *(_read_out(row) for row in reversed(opened.read_out)))


def _letter(row: Opened, opened: OpenedRequest) -> r.Release:
    return r.Release(
        what=f"{row.get_purpose_display()}, round {row.round}",
        format="Letter",
        sha256=digest(row.body),
        channel=row.get_sent_channel_display(),
        to=row.sent_to,
        at=row.sent_at,
        by=row.sent_by.display_name,
        receipt=receipt_of(opened, row),
    )


def _read_out(row: Opened) -> r.Release:
    return r.Release(
        what="Answer in an emergency",
        format="Read out",
        sha256=digest(row.words),
        channel=f"Telephone, {row.number}",
        to=row.read_to,
        at=row.read_at,
        by=row.recorded_by.display_name,
        receipt=None,
    )
