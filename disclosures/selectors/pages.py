"""All that one request's page shows, read once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from accounts.days import british
from accounts.models import Absence, User
from accounts.ownership import Standing, standing_of
from accounts.selectors import absences_on, group_ids_of
from privacy.models import PolicyVersion

from ..catalogue import RANKS, REFUSALS, PolicyPurpose, Refusal
from ..catalogue import Instrument as Terms
from ..catalogue.checks import ALL_POINTS, CHECKS, OddSign
from ..deadlines.keeping import Keeping
from ..deadlines.rules import NEVER_OVERDUE, PURPOSE_WORDS, Purpose, RuleCode
from ..facts import Facts, SchemeItem
from ..guards.verification import evidence_still_counts
from ..models import Deadline, Evidence, Letter, Request
from ..models.request import MarketingChannel
from ..models.request import Purpose as Reason
from ..permissions import held_on, roles_on, who_may
from ..rota import Seat
from ..states import Action, Kind, Perm
from ..words import KIND_WORDS, OUTCOME_WORDS
from .anomalies import odd_signs
from .delivered import stages_of
from .facts import PROPOSED, facts_for
from .holds import HoldRow, holds_of
from .keeping import holds_upon, keeping_of
from .ladders import runs_contempt_risk
from .letter_text import REVIEWING
from .likeness import Group, groups_of
from .next_steps import LETTER_SLUGS, Link, NextStep, next_steps, work_links
from .notices import watches
from .on_file import Linked, links_of
from .opening import Opened, OpenedRequest, open_request
from .queues import Flag, flags_of
from .rota import seats_nobody_can_take
from .rows import Rows
from .second_periods import in_sentences
from .settled import SETTLERS, Spent, spent_on
from .timeline import Happening, timeline
from .work import first_page

EXCLUDED = Flag("excluded", "May hold excluded material")


@dataclass(frozen=True, slots=True)
class Pair:
    """One item of one person: what the searches said and what was decided of it."""

    subject: Opened
    item: Opened
    records: Sequence[Opened]
    decision: Opened | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a derivation; `counted` is the number of a day that counts."""

    day: date | None
    counted: str
    words: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    deadline: Deadline
    words: str
    lines: Sequence[Line]
    percent: int | None
    is_late: bool

    @property
    def runs(self) -> bool:
        return self.deadline.stopped_at is None and self.deadline.paused_at is None

    @property
    def ended(self) -> bool:
        """Other people's time, or a window, that has run out: nothing of ours is late with it."""
        return self.runs and self.is_late and self.deadline.purpose in NEVER_OVERDUE

    @property
    def by_the_hour(self) -> bool:
        return self.deadline.rule == RuleCode.HOURS


@dataclass(frozen=True, slots=True)
class LetterLine:
    """`newest` of its purpose can be opened for printing; `at_stake` is what is decided on now."""

    letter: Opened
    slug: str
    newest: bool
    at_stake: bool
    stages: Sequence[Opened]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """`counts_until`: the last day of a check that holds; `noes`: the points of a court document that were answered with no."""

    row: Opened
    counts_until: date | None
    counts: bool
    noes: Sequence[str]


@dataclass(frozen=True, slots=True)
class RequestPage:
    opened: OpenedRequest
    facts: Facts
    held: frozenset[Perm]
    kind: str
    outcome: str
    flags: Sequence[Flag]
    purposes: Sequence[str]
    ranks: Mapping[str, str]
    subjects: Sequence[tuple[Opened, date | None]]
    pairs: Sequence[Pair]
    people_count: int
    groups: Sequence[Group]
    spent: Spent
    holds: Sequence[HoldRow]
    letters: Sequence[LetterLine]
    missing_evidence: Sequence[str]
    ended_checks: Sequence[str]
    checks: Sequence[CheckLine]
    signs: Sequence[OddSign]
    standing: Standing | None
    policies: Sequence[tuple[str, PolicyVersion]]
    clocks: Sequence[Clock]
    members: Sequence[User]
    people: Sequence[tuple[str, str]]
    steps: Sequence[NextStep]
    work: Sequence[Link]
    timeline: Sequence[Happening]
    unfilled: Sequence[Seat]
    links: Sequence[Linked]
    watched: bool
    kept: Keeping | None
    held_by: Sequence[str]

    @property
    def request(self) -> Opened:
        return self.opened.request

    @property
    def terms(self) -> Terms | None:
        return self.facts.instrument

    @property
    def second_periods(self) -> list[str]:
        clocks = [clock.deadline for clock in self.clocks]
        return in_sentences(self.terms, self.opened.period_events, clocks, self.facts.now)

    @property
    def purpose(self) -> PolicyPurpose | None:
        return self.facts.policy_purpose

    @property
    def may_settle(self) -> bool:
        return bool(SETTLERS & self.facts.actor_roles)

    @property
    def unpermitted(self) -> list[SchemeItem]:
        return [row for row in self.facts.schemes if row.why_not]

    @property
    def channels(self) -> list[str]:
        return [MarketingChannel(code).label for code in self.opened.request.marketing_channels]

    @property
    def missing_opinions(self) -> list[str]:
        return sorted(self.facts.opinions_needed - self.facts.opinions_given)

    @property
    def next_clock(self) -> Clock | None:
        return next((clock for clock in self.clocks if clock.runs), None)

    @property
    def can_take(self) -> list[NextStep]:
        return [step for step in self.steps if not step.objections]

    @property
    def cannot_take(self) -> list[NextStep]:
        return [step for step in self.steps if step.objections]


def request_page(request: Request, *, user: User, now: datetime) -> RequestPage:
    """For a person who came through `request_for` with the permission to see it; writes the view entry."""
    rows, roles = Rows(request, named=True), roles_on(user, request, now)
    people = first_page(rows)
    opened = open_request(request, actor=user, now=now, people=people.people, rows=rows, roles=roles)
    facts = facts_for(request, actor=user, now=now, action=Action.SUBMIT, rows=rows, roles=roles)
    away = absences_on(localdate(now))
    groups = group_ids_of(user, now)
    held = held_on(user, request.reference, now, groups=groups)
    holds = holds_of(request, facts.instrument)
    return RequestPage(
        opened=opened,
        facts=facts,
        held=held,
        kind=KIND_WORDS[request.kind],
        outcome=OUTCOME_WORDS.get(request.outcome, ""),
        flags=(
            *flags_of(
                request,
                facts.approvals_needed,
                now,
                contempt_risk=runs_contempt_risk(facts.instrument),
            ),
            *([EXCLUDED] if facts.routing.excluded_material else []),
        ),
        purposes=[Reason(code).label for code in request.purposes],
        ranks={part: RANKS[row.rank].name for part, row in opened.officers.items() if row.rank in RANKS},
        subjects=[(row, date.fromisoformat(row.born_on) if row.born_on else None) for row in opened.subjects],
        pairs=pairs_shown(opened),
        people_count=people.count,
        groups=groups_of(request, now=now, rows=rows),
        spent=spent_on(request),
        holds=holds,
        letters=_letters(opened),
        standing=standing_of(request.body, localdate(now))
        if facts.kind == Kind.GROUP and request.body
        else None,
        missing_evidence=_missing_evidence(facts),
        ended_checks=[sentence] if (sentence := evidence_still_counts(facts)) else [],
        checks=[_check_line(row, now) for row in opened.evidence],
        signs=odd_signs(request, opened, user=user, now=now, people=people.count, groups=groups),
        policies=_policies(request),
        clocks=_clocks(request, now),
        members=who_may(request=request, perm=Perm.VIEW, now=now) if request.restricted else [],
        people=_people(opened, away),
        steps=next_steps(request, facts, held, disclosed=facts.disclosed),
        work=_work(request, held, opened),
        timeline=timeline(opened, request, [row.task for row in holds], rows.decisions),
        links=links_of(request, user, now),
        watched=watches(user, request),
        kept=keeping_of(request),
        held_by=holds_upon([request.pk]).get(request.pk, ()),
        unfilled=seats_nobody_can_take(request, facts, now, rows, away),
    )


def _work(request: Request, held: frozenset[Perm], opened: OpenedRequest) -> list[Link]:
    sent = {letter.purpose for letter in opened.letters if letter.sent_at}
    waiting = {letter.purpose for letter in opened.letters if not letter.sent_at}
    compulsory = opened.instrument is not None and not opened.instrument.terms.voluntary
    return work_links(
        request,
        held,
        waiting,
        acknowledged=Letter.Purpose.RECEIPT in sent,
        compulsory=compulsory,
        preserves=opened.instrument is not None and opened.instrument.terms.preserves,
        second_periods=opened.instrument is not None and bool(opened.instrument.terms.second_periods),
        reviewed=any(step.action in REVIEWING for step in opened.steps),
    )


def pairs_shown(opened: OpenedRequest) -> list[Pair]:
    """Every line of the people that were opened."""
    records: Mapping[tuple[int, int], list[Opened]] = defaultdict(list)
    for record in opened.records:
        records[record.item_id, record.subject_id].append(record)
    decisions = {(row.item_id, row.subject_id): row for row in opened.decisions}
    return [
        Pair(
            subject=subject,
            item=item,
            records=records.get((item.pk, subject.pk), []),
            decision=(decision := decisions.get((item.pk, subject.pk))),
            refusal=REFUSALS.get(decision.refusal_code) if decision else None,
        )
        for subject in opened.subjects
        for item in opened.items
    ]


def _letters(opened: OpenedRequest) -> list[LetterLine]:
    """The newest first. What an approver signs includes the letter, so there it lies open."""
    request = opened.request
    newest = {letter.purpose: letter.pk for letter in opened.letters}
    return [
        LetterLine(
            letter=letter,
            slug=LETTER_SLUGS[letter.purpose],
            newest=newest[letter.purpose] == letter.pk,
            at_stake=letter.purpose == Letter.Purpose.OUTCOME
            and letter.round == request.round
            and request.state in PROPOSED,
            stages=stages_of(opened, letter=letter.pk),
        )
        for letter in reversed(opened.letters)
    ]


def _missing_evidence(facts: Facts) -> list[str]:
    wanted = facts.instrument.evidence if facts.instrument else ()
    there = facts.evidence_passed | {row.code for row in facts.checked.ended}
    return [Evidence.Code(code).label for code in wanted if code not in there]


def _check_line(row: Opened, now: datetime) -> CheckLine:
    until = CHECKS[row.code].counts_until(localdate(row.at)) if row.passed else None
    counts = until is not None and localdate(now) <= until
    return CheckLine(
        row, until, counts, [ALL_POINTS[code].asks for code, holds in row.points.items() if not holds]
    )


def _policies(request: Request) -> list[tuple[str, PolicyVersion]]:
    """The versions pinned, in one query."""
    pinned = {
        "at receipt": request.policy_at_receipt_id,
        "at the decision": request.policy_at_decision_id,
    }
    versions = PolicyVersion.objects.in_bulk([pk for pk in pinned.values() if pk])
    return [(words, versions[pk]) for words, pk in pinned.items() if pk]


def _clocks(request: Request, now: datetime) -> list[Clock]:
    """The running ones first, the earliest at the head, what is never overdue after it; then those paused or stopped."""
    rows = Deadline.objects.filter(request=request).order_by("due_at", "id")
    clocks = [
        Clock(
            deadline=row,
            words=PURPOSE_WORDS[Purpose(row.purpose)],
            lines=[_line(line) for line in row.derivation],
            percent=_percent(row, now),
            is_late=row.due_at is not None and row.due_at <= now,
        )
        for row in rows
    ]
    return sorted(clocks, key=lambda clock: (not clock.runs, clock.deadline.purpose in NEVER_OVERDUE))


def _line(stored: Mapping[str, str | None]) -> Line:
    """The derivation's own words; a day that counts gives its number to the margin."""
    day, words = stored["day"], stored["words"] or ""
    name, _, number = words.rpartition(" ")
    counted = number if name in {"day", "added day"} and number.isdecimal() else ""
    return Line(date.fromisoformat(day) if day else None, counted, words, stored.get("source") or "")


def _percent(row: Deadline, now: datetime) -> int | None:
    if row.due_at is None or row.stopped_at:
        return None
    whole = max(row.due_at - row.starts_at, timedelta(seconds=1))
    return min(max(int((now - row.starts_at) / whole * 100), 0), 100)


PARTS: Mapping[str, str] = {
    "CONFIRM": "Requester confirmed by",
    "PROPOSE": "Proposed by",
    "CONCUR": "Second signature by",
    "APPROVE": "Approved by",
    "PROPOSE_EMERGENCY": "Emergency proposed by",
    "RELEASE_EMERGENCY": "Emergency release by",
    "RATIFY": "Ratification decided by",
    "DECIDE_APPEAL": "Internal review by",
}


def _people(opened: OpenedRequest, away: Mapping[int, Absence]) -> list[tuple[str, str]]:
    """Who has it, and who took part by what; of each deciding act the latest person."""
    request = opened.request
    assignee = request.assignee.display_name if request.assignee else "Nobody yet"
    if absence := away.get(request.assignee_id or 0):
        until = british(absence.last_day)
        cover = f"{absence.cover.display_name} covers" if absence.cover else "nobody covers"
        assignee += f" (away to {until}; {cover})"
    acts = {step.act: step.actor.display_name for step in reversed(opened.steps) if step.act}
    return [
        ("Has it now", assignee),
        ("Taken in by", request.recorded_by.display_name),
        *((words, acts[act]) for act, words in PARTS.items() if act in acts),
    ]
