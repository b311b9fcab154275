"""Builds the decision record of one request, for somebody who came through `request_for`; the log says so first."""

from datetime import date, datetime

from accounts.models import User
from privacy.models import PolicyVersion

from .. import record as r
from ..catalogue import PURPOSES, REFUSALS
from ..deadlines.rules import NEVER_OVERDUE, PURPOSE_WORDS, Purpose
from ..models import Deadline, Request
from ..models.request import Purpose as Reason
from ..states import STATE_WORDS, State
from ..words import KIND_WORDS, OUTCOME_WORDS
from .deciding import OPINION_WORDS
from .letter_text import person_words, rank_and_number
from .opening import Opened, OpenedRequest, open_for_record
from .record_keeping import cost_in_words, holds_in_words, told_in_words
from .record_parts import RETENTION_WORDS, decisions, digest, followed, instruments, items, releases, tests
from .second_periods import event_lines

REVIEW_ROUTE = {
    True: "An order or a notice: the court or the authority that made it. The person concerned: a complaint to us, the "
    "Information Commissioner, the court.",
    False: "The requester: one internal review within ten working days, by an approver who took no part. The person "
    "concerned: a complaint to us, the Information Commissioner, the court.",
}


def decision_record(request: Request, *, actor: User, now: datetime, form: str) -> r.DecisionRecord:
    """`form` is "PDF" or "JSON", for the entry `record.exported`."""
    opened, role = open_for_record(request, actor=actor, now=now, form=form)
    terms = opened.instrument.terms if opened.instrument else None
    compulsory = terms is not None and not terms.voluntary
    cost = cost_in_words(request)
    return r.DecisionRecord(
        origin=r.Origin(
            made_at=now,
            made_by=actor.display_name,
            made_in_role=role,
            request_version=request.version,
            log=request.log,
            format_version=r.FORMAT_VERSION,
        ),
        asked=_asked(opened.request),
        instruments=instruments(request, opened),
        policy=_policy(request),
        requester=_requester(opened),
        verification=tuple(_check(row) for row in opened.evidence),
        people=tuple(_person(row) for row in opened.subjects),
        items=items(opened),
        law=_law(opened),
        tests=tests(opened),
        third_parties=_third_parties(opened),
        references=_references(opened),
        advice=tuple(_advice(row, opened) for row in opened.opinions),
        outcome=r.Outcome(
            outcome=OUTCOME_WORDS.get(request.outcome),
            refusal=_refusal(request.refusal_code),
            court_application=_application(opened),
            proposal_digest=request.proposal_digest or None,
        ),
        decisions=decisions(opened),
        conditions=_conditions(opened),
        searches=_searches(opened),
        releases=releases(opened),
        telling=_telling(opened, terms.secrecy if terms else ""),
        clocks=_clocks(request, now),
        papers=tuple(_paper(row) for row in opened.documents),
        keeping=r.Keeping(
            retention=RETENTION_WORDS[terms.retention] if terms else None,
            hold=holds_in_words(request),
            fee_asked=request.cost_recovery_asked,
            fee=cost.fee,
            hours=cost.hours,
            review_route=REVIEW_ROUTE[compulsory],
            reviews=_reviews(opened),
        ),
    )


def _asked(case: Opened) -> r.Asked:
    purpose = PURPOSES.get(case.policy_purpose)
    return r.Asked(
        reference=case.reference,
        their_reference=case.crime_reference or None,
        kind=KIND_WORDS[case.kind],
        state=STATE_WORDS[State(case.state)],
        round=case.round,
        nation=case.get_nation_display(),
        channel=case.get_channel_display(),
        received_at=case.received_at,
        recorded_at=case.recorded_at,
        recorded_by=case.recorded_by.display_name,
        form=" ".join(filter(None, (case.form_name, case.form_version))) or None,
        dated_on=case.dated_on,
        purposes=tuple(str(Reason(code).label) for code in case.purposes),
        policy_purpose=f"{purpose.name} ({purpose.clause})" if purpose else None,
        offence=case.offence or ("Withheld by the requester" if case.offence_withheld else None),
        summary=case.summary or None,
        urgency=case.get_urgency_display(),
        urgency_reason=case.urgency_reason or None,
        signed_on=case.signed_on,
        countersigned_on=case.countersigned_on,
    )


def _policy(request: Request) -> r.Policy:
    pinned = (request.policy_at_receipt_id, request.policy_at_decision_id)
    found = PolicyVersion.objects.in_bulk([pk for pk in pinned if pk])
    words = [_version(found[pk]) if pk else None for pk in pinned]
    return r.Policy(at_receipt=words[0], at_decision=words[1])


def _version(policy: PolicyVersion) -> str:
    since = f", in force from {r.in_words(policy.effective_from)}" if policy.effective_from else ""
    return f"Version {policy.number}{since}; SHA-256 of its text {policy.text_hash}"


def _requester(opened: OpenedRequest) -> r.Requester:
    case = opened.request
    return r.Requester(
        body=case.body.name if case.body else None,
        unit=case.unit or None,
        address=case.station_address or None,
        officer=_officer(opened.officers.get("REQUESTER")),
        officer_mail=_text(opened.officers.get("REQUESTER"), "email"),
        countersigner=_officer(opened.officers.get("COUNTERSIGNER")),
        rank_waiver=case.rank_waiver_reason or None,
    )


def _text(row: Opened | None, name: str) -> str | None:
    return str(getattr(row, name)) or None if row else None


def _officer(row: Opened | None) -> str | None:
    return ", ".join(filter(None, (rank_and_number(row), row.name))) or None if row else None


def _check(row: Opened) -> r.Check:
    number = f"{row.number_called} ({row.number_source})" if row.number_called else None
    return r.Check(
        what=row.get_code_display(),
        passed=row.passed,
        at=row.at,
        by=row.recorded_by.display_name,
        number_called=number,
        answered_by=row.answered_by or None,
        note=row.note or None,
    )


def _person(row: Opened) -> r.Person:
    return r.Person(
        position=row.position,
        type=row.get_type_display(),
        status=row.get_status_display() or None,
        name=row.name or person_words(row),
        born_on=date.fromisoformat(row.born_on) if row.born_on else None,
        address=row.address or None,
        phone=row.phone or None,
        email=row.email or None,
        account_number=row.account_number or None,
    )


def _law(opened: OpenedRequest) -> r.Law:
    case, row = opened.request, opened.assessments[0] if opened.assessments else None
    return r.Law(
        basis=row.get_basis_display() if row else None,
        exemption=row.get_exemption_display() if row else None,
        extent=_text(row, "extent_note"),
        compatibility=row.get_compatibility_display() or None if row else None,
        condition=row.get_condition_display() or None if row else None,
        condition_note=_text(row, "condition_note"),
        special_category=case.special_category_sought,
        child_or_vulnerable=case.child_or_vulnerable,
        answered_by=row.recorded_by.display_name if row else None,
        answered_at=row.recorded_at if row else None,
    )


def _third_parties(opened: OpenedRequest) -> r.ThirdParties:
    showing = [f"{row.position}. {row.catalogued.name}" for row in opened.items if row.catalogued.others]
    return r.ThirdParties(
        as_the_form_says=opened.request.collateral or None,
        items_showing_others=tuple(showing),
        scheme_rules=tuple(_permission(row) for row in opened.permissions),
    )


def _permission(row: Opened) -> str:
    may = "may be passed on" if row.allowed else "may not be passed on"
    until = f"; until {r.in_words(row.until)}" if row.until else ""
    return (
        f"Item {row.item.position} {may}: {row.scheme}, {row.rule} ({row.get_ground_display()}). "
        f"Checked {r.in_words(row.checked_on)} by {row.checker}{until}; recorded by {row.recorded_by.display_name}"
    )


def _references(opened: OpenedRequest) -> r.References:
    case = opened.request
    newest = opened.assessments[0] if opened.assessments else None
    weighed = newest is not None and newest.tests == "LEGITIMATE"
    return r.References(
        legitimate_interests="Its answers stand under the tests of this record" if weighed else None,
        impact_assessment=(newest.dpia_reference or None) if newest else None,
        sharing_agreement=(newest.agreement_reference or None) if newest else None,
        transfer_abroad=case.transfer_abroad,
        transfer_mechanism=case.get_transfer_mechanism_display() or None,
        recipient=case.data_recipient or None,
        agency_notices=tuple(
            f"{row.get_what_display()}, {r.in_words(row.on)}, {row.reference}, by {row.by_whom}; "
            f"recorded by {row.recorded_by.display_name}"
            for row in opened.agency_notices
        ),
        period_events=event_lines(opened.period_events),
    )


def _advice(row: Opened, opened: OpenedRequest) -> r.Advice:
    return r.Advice(
        by=OPINION_WORDS[row.by_role].capitalize(),
        person=f"{row.adviser}; recorded by {row.given_by.display_name}"
        if row.adviser
        else row.given_by.display_name,
        at=row.given_at,
        advised_on=row.advised_on,
        in_favour=row.in_favour,
        words=row.advice,
        followed=followed(row, opened),
    )


def _refusal(code: str) -> str | None:
    return f"{code}: {REFUSALS[code].words}" if code else None


def _application(opened: OpenedRequest) -> str | None:
    return (
        "\n".join(
            f"{r.in_words(row.applied_on)}, {row.court}, {row.get_wanted_display().lower()}: {row.grounds}"
            for row in opened.applications
        )
        or None
    )


def _conditions(opened: OpenedRequest) -> r.Conditions:
    answers = [row for row in opened.letters if row.purpose == "OUTCOME"]
    return r.Conditions(
        handling_asked=opened.request.handling or None,
        marking=opened.request.protective_marking or None,
        set_by_letter=digest(answers[-1].body) if answers else None,
    )


def _searches(opened: OpenedRequest) -> tuple[r.Search, ...]:
    people = {row.pk: row.position for row in opened.subjects}
    things = {row.pk: row.position for row in opened.items}
    return tuple(
        r.Search(
            system=row.task.system.name,
            person=people[row.subject_id],
            item=things[row.item_id],
            terms=row.terms or None,
            result=row.get_result_display() or None,
            at=row.searched_at,
            by=row.searched_by.display_name if row.searched_by else None,
            asked_by=row.task.asked_by.display_name,
        )
        for row in opened.records
    )


def _telling(opened: OpenedRequest, secrecy: str) -> r.Telling:
    """The newest answer counts: why not, where the person was not told at last; else what the form says."""
    case, answers = opened.request, [row for row in opened.told if row.what != "PROPOSED"]
    newest = answers[0] if answers else None
    told = newest is not None and newest.what == "TOLD"
    refused = newest if newest is not None and not told else None
    return r.Telling(
        told=told_in_words(opened.told),
        do_not_tell=case.do_not_notify,
        why_not=None if told else refused.words if refused else case.do_not_notify_reason or None,
        review_on=None if told else refused.review_on if refused else case.do_not_notify_review_on,
        secrecy=secrecy or None,
        restricted=case.restricted,
    )


def _clocks(request: Request, now: datetime) -> tuple[r.Clock, ...]:
    return tuple(
        r.Clock(
            what=PURPOSE_WORDS[Purpose(row.purpose)],
            rule=f"{row.rule} {row.n}" if row.n else row.rule,
            due_on=row.due_on,
            state=_state_of(row, now),
            derivation=tuple(" ".join(filter(None, (line["day"], line["words"]))) for line in row.derivation),
        )
        for row in Deadline.objects.filter(request=request).order_by("id")
    )


def _state_of(row: Deadline, now: datetime) -> str:
    if row.stopped_at or row.paused_at:
        return "Stopped" if row.stopped_at else "Paused"
    ended = row.purpose in NEVER_OVERDUE and row.due_at is not None and row.due_at <= now
    return "Ended" if ended else "Running"


def _paper(row: Opened) -> r.Paper:
    return r.Paper(
        name=row.name,
        purpose=row.get_purpose_display(),
        sha256=row.sha256,
        attached_at=row.attached_at,
        attached_by=row.attached_by.display_name,
    )


def _reviews(opened: OpenedRequest) -> tuple[str, ...]:
    asked = [row for row in reversed(opened.steps) if row.action == "APPEAL"]
    return tuple(f"{r.in_words(row.at)}: {row.reason}" for row in asked)
