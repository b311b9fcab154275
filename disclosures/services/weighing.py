"""The reviewer's work: the tests, the opinions, a decision for each item of each person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from accounts.models import User
from accounts.roles import Role

from ..catalogue import REFUSALS
from ..catalogue import Tests as TestsOf
from ..models import Assessment, CourtApplication, Instrument, Item, ItemDecision, Opinion, Request, Subject
from ..models.decision import WEIGHED_INTERESTS
from ..places import Place, compact
from ..selectors.closed import objections_to_disclosing
from ..selectors.deciding import asks_for_special
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case
from .many import update_many

Pair = tuple[int, int]

MANY = 500
LONGEST_DETAIL = 8_000
DECIDED = (
    "decision", "refusal_code", "text", "reason", "others", "others_text", "others_reason", "decided_at", "decided_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tests:
    """The answers and the words behind them; which of them are asked for, the instrument says."""

    __test__ = False

    basis: str
    exemption: str
    extent_note: str = ""
    condition: str = ""
    condition_note: str = ""
    authentic: bool | None = None
    purpose_lawful: bool | None = None
    purpose_note: str = ""
    compatibility: str = ""
    communications_data: bool | None = None
    alternatives_note: str = ""
    further_note: str = ""
    necessary: bool | None = None
    necessity_note: str = ""
    proportionate: bool | None = None
    proportionality_note: str = ""
    prejudice_likely: bool | None = None
    prejudice_note: str = ""
    whose_interest: str = ""
    interest_note: str = ""
    benefit_note: str = ""
    recipient_note: str = ""
    items_note: str = ""
    anonymise_note: str = ""
    expectations_note: str = ""
    impact_note: str = ""
    vulnerable_note: str = ""
    objections_note: str = ""
    safeguards_note: str = ""
    keeping_note: str = ""
    agreement_reference: str = ""
    dpia_reference: str = ""
    review_on: date | None = None
    valid: bool | None = None
    addressed_to_us: bool | None = None
    in_its_period: bool | None = None
    within_its_terms: bool | None = None
    privilege_excluded: bool | None = None
    excluded_material: bool | None = None
    terms_note: str = ""
    second_look: bool = False


ANSWERS = (
    "necessary", "proportionate", "prejudice_likely", "valid", "addressed_to_us", "in_its_period", "within_its_terms",
    "privilege_excluded", "excluded_material", "authentic", "purpose_lawful", "communications_data",
)  # fmt: skip
NOTES = (
    "necessity_note", "proportionality_note", "prejudice_note", "interest_note", "terms_note", "purpose_note",
    "alternatives_note", "extent_note", "condition_note", "further_note", *WEIGHED_INTERESTS,
)  # fmt: skip
CHOICES = ("basis", "exemption", "compatibility", "condition", "whose_interest")
# The set that is put now: that of DOMAIN B.5, all ten; of legitimate interests that of C.7.
QUESTIONS: Mapping[str, int] = {TestsOf.VOLUNTARY: 2, TestsOf.COMPULSORY: 3, TestsOf.LEGITIMATE: 3}
# Kept whenever they are given, whatever the tests.
ALWAYS = ("extent_note", "condition_note", "further_note")
# Of each set of tests: the answers and the reasons it cannot do without, and how these are called.
ASKED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    TestsOf.VOLUNTARY: (
        ("authentic", "purpose_lawful", *ANSWERS[:3], "communications_data"),
        ("purpose_note", "alternatives_note", *NOTES[:3]),
        "authenticity, purpose, necessity, proportionality, prejudice and communications data",
    ),
    TestsOf.LEGITIMATE: (
        ANSWERS[:2],
        ("interest_note", *NOTES[:2], "alternatives_note", *WEIGHED_INTERESTS),
        "the interest, necessity and the balance",
    ),
    TestsOf.COMPULSORY: (
        ANSWERS[3:9],
        ("terms_note",),
        "validity, addressee, period, terms, privilege and excluded material, in one note",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDecision:
    """`others`: what happens with the part that shows somebody else, of an item that may; it is left out if nothing is said."""

    decision: str
    refusal_code: str = ""
    text: str = ""
    reason: str = ""
    others: str = ""
    others_text: str = ""
    others_reason: str = ""


@use_case
def record_tests(*, request_id: int, tests: Tests, actor: User, now: datetime) -> Assessment:
    """The tests of this round; answered again in the same round they replace themselves (the log keeps both)."""
    request = locked(request_id)
    role = demand(request, actor, Perm.REVIEW, now)
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    kind = instrument.terms.tests if instrument else TestsOf.VOLUNTARY
    answers, reasons, words = ASKED[kind]
    faults = []
    if any(getattr(tests, name) is None for name in answers):
        faults.append(("tests_are_answered", f"Answer each of the tests: {words}."))
    if not all(getattr(tests, name).strip() for name in reasons):
        faults.append(("tests_have_reasons", f"Give the reason for each answer: {words}."))
    faults += _faults_of_law(request, kind, tests)
    faults += _faults_of_interests(tests, now) if kind == TestsOf.LEGITIMATE else []
    if faults:
        raise refuse(request, actor, "TESTS", *faults)
    row = Assessment.objects.filter(request=request, round=request.round).first() or Assessment(
        request=request, round=request.round
    )
    row.request, row.tests = request, kind
    for name in ANSWERS:
        setattr(row, name, getattr(tests, name) if name in answers else None)
    notes = {name: getattr(tests, name) if name in {*reasons, *ALWAYS} else "" for name in NOTES}
    row.questions, row.second_look = QUESTIONS[kind], tests.second_look
    row.basis, row.exemption, row.condition = tests.basis, tests.exemption, tests.condition
    row.compatibility = tests.compatibility if kind == TestsOf.VOLUNTARY else ""
    weighs_interests = kind == TestsOf.LEGITIMATE
    row.whose_interest = tests.whose_interest if weighs_interests else ""
    row.review_on = tests.review_on if weighs_interests else None
    row.recorded_at, row.recorded_by = now, actor
    row.seal(**notes)
    row.save()
    detail = {
        **{name: getattr(row, name) for name in CHOICES if getattr(row, name)},
        **{name: getattr(row, name) for name in (*answers, "second_look")},
    }
    commits = {name: text for name, text in notes.items() if text}
    record_change(
        request, event="tests.recorded", actor=actor, role=role, now=now, detail=detail, commits=commits
    )
    return row


def _faults_of_interests(tests: Tests, now: datetime) -> list[tuple[str, str]]:
    faults = []
    if tests.whose_interest not in Assessment.Whose.values:
        faults.append(("interest_is_somebodys", "Say whose interest it is."))
    if tests.review_on is None or tests.review_on <= localdate(now):
        faults.append(("weighing_is_looked_at_again", "Name a day to come on which this is looked at again."))
    return faults


def _faults_of_law(request: Request, kind: str, tests: Tests) -> list[tuple[str, str]]:
    """What the law asks of the answers together: (name of the rule, sentence)."""
    faults = []
    if kind == TestsOf.VOLUNTARY and not tests.compatibility:
        faults.append(("purpose_is_compared", "Say whether giving it is compatible with why we hold it."))
    exempt = tests.exemption not in {"", Assessment.Exemption.NONE}
    if exempt and not tests.extent_note.strip():
        faults.append(
            ("exemption_has_its_extent", "Say how far the exemption is relied on: for which duties, and how long.")
        )  # fmt: skip
    if tests.exemption == Assessment.Exemption.CRIME and tests.prejudice_likely is False:
        faults.append(
            (
                "exemption_has_its_prejudice",
                "Paragraph 2 of Schedule 2 helps only as far as prejudice is likely. You answered that it is not: "
                "choose no exemption, or answer the question of prejudice again.",
            )
        )
    items = Item.objects.filter(request=request).values_list("item_type", flat=True)
    if asks_for_special(request, items) and not tests.condition:
        faults.append(
            (
                "special_category_has_its_condition",
                "Special category or criminal-offence data is asked for. Name the condition that allows it, or that none does.",
            )
        )
    if tests.condition not in {"", Assessment.Condition.NONE} and not tests.condition_note.strip():
        faults.append(("condition_has_its_reason", "Say why the condition is met in this case."))
    return faults


@use_case
def record_opinion(*, request_id: int, in_favour: bool, advice: str, actor: User, now: datetime) -> Opinion:
    """The data protection officer's or the MLRO's advice, under the role that lets them give it."""
    request = locked(request_id)
    role = demand(request, actor, Perm.ADVISE, now)
    if not advice.strip():
        raise refuse(
            request,
            actor,
            "ADVISE",
            ("advice_has_words", "Write the advice down; it is kept with the decision."),
        )
    by_role = Opinion.By.MLRO if role == Role.MLRO else Opinion.By.DPO
    row = Opinion(request=request, by_role=by_role, in_favour=in_favour, given_at=now, given_by=actor)
    row.seal(advice=advice)
    row.save(force_insert=True)
    record_change(
        request,
        event="opinion.recorded",
        actor=actor,
        role=role,
        now=now,
        detail={"by": by_role, "in_favour": in_favour},
        commits={"advice": advice},
    )
    return row


@use_case
def record_court_application(
    *, request_id: int, wanted: str, applied_on: date, court: str, grounds: str, actor: User, now: datetime
) -> CourtApplication:
    """That legal asked the court to discharge or vary the order; only then may other reasons refuse it."""
    request = locked(request_id)
    role = demand(request, actor, Perm.PROPOSE, now)
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    faults = []
    if instrument is None or instrument.terms.voluntary:
        faults.append(
            (
                "there_is_an_order",
                "Nobody is bound to answer this request, so there is no order to apply about.",
            )
        )
    if applied_on > localdate(now):
        faults.append(
            ("it_was_made", "The day lies in the future. Record the application once it has been made.")
        )
    if not court.strip():
        faults.append(("application_has_a_court", "Say to which court the application was made."))
    if not grounds.strip():
        faults.append(("application_has_grounds", "Say on which grounds; they are kept with the decision."))
    if faults:
        raise refuse(request, actor, "COURT", *faults)
    row = CourtApplication(
        request=request, wanted=wanted, applied_on=applied_on, recorded_at=now, recorded_by=actor
    )
    row.seal(court=court, grounds=grounds)
    row.save(force_insert=True)
    record_change(
        request,
        event="court.applied_to",
        actor=actor,
        role=role,
        now=now,
        detail={"wanted": wanted, "on": applied_on.isoformat()},
        commits={"court": court, "grounds": grounds},
    )
    return row


@use_case
def decide_items(
    *, request_id: int, decisions: Mapping[Pair, PairDecision], actor: User, now: datetime
) -> None:
    """Decides pairs of (item id, subject id); a pair decided before is replaced.

    The entry names a pair by its positions, item.person, and runs of people by their ends. Raises ActionRefused with
    every fault at once.
    """
    decide(locked(request_id), decisions=decisions, actor=actor, now=now)


def decide(request: Request, *, decisions: Mapping[Pair, PairDecision], actor: User, now: datetime) -> None:
    """As `decide_items`, on a request that the caller has locked inside a use case."""
    role = demand(request, actor, Perm.REVIEW, now)
    write_decisions(request, decisions, actor=actor, role=role, now=now)


def write_decisions(
    request: Request, decisions: Mapping[Pair, PairDecision], *, actor: User, role: str, now: datetime
) -> None:
    """As `decide_items`, on a request that the caller has locked and asked for. Many are written in few queries."""
    items = {item.pk: item for item in Item.objects.filter(request=request)}
    subjects = {row.pk: row for row in Subject.objects.filter(request=request).select_related("data_key")}
    places = {pair: (items[pair[0]].position, subjects[pair[1]].position) for pair in decisions}
    faults: list[tuple[str, str]] = []
    for pair, decision in decisions.items():
        item, person = places[pair]
        faults += faults_of(where=f"Person {person}, item {item}", decision=decision)
    going = [pair for pair, row in decisions.items() if row.decision == ItemDecision.Decision.DISCLOSE]
    faults += objections_to_disclosing(
        request,
        items=[items[pk] for pk in {item for item, _ in going}],
        subjects=[subjects[pk] for pk in dict.fromkeys(subject for _, subject in going)],
        now=now,
    )
    if faults:
        raise refuse(request, actor, "DECIDE_ITEMS", *faults)
    held = {(row.item_id, row.subject_id): row for row in ItemDecision.objects.filter(request=request)}
    for (item_id, subject_id), decision in decisions.items():
        subjects[subject_id].data_key.parent = request.data_key  # loaded, so that sealing asks nothing
        row = held.get((item_id, subject_id)) or ItemDecision(item=items[item_id])
        row.request, row.subject = request, subjects[subject_id]
        row.decision, row.refusal_code = decision.decision, decision.refusal_code
        row.others = _others(items[item_id], decision)
        given = row.others == ItemDecision.Others.DISCLOSE
        row.decided_at, row.decided_by = now, actor
        row.seal(
            text=decision.text,
            reason=decision.reason,
            others_text=decision.others_text if given else "",
            others_reason=decision.others_reason if row.others else "",
        )
        held[item_id, subject_id] = row
    rows = [held[pair] for pair in decisions]
    update_many(rows=[row for row in rows if row.pk], names=DECIDED)
    ItemDecision.objects.bulk_create([row for row in rows if not row.pk], batch_size=MANY)
    detail, texts = _told(decisions, places)
    record_change(
        request, event="items.decided", actor=actor, role=role, now=now, detail=detail, commits=texts
    )


def _told(
    decisions: Mapping[Pair, PairDecision], places: Mapping[Pair, Place]
) -> tuple[dict[str, object], dict[str, str]]:
    """What the entry says; where so many places are scattered that they would not fit, it says how many, and commits to them."""
    made: dict[str, list[Place]] = {}
    reasons: dict[str, list[Place]] = {}
    for pair, decision in decisions.items():
        made.setdefault(_called(decision), []).append(places[pair])
        for reason in filter(None, (decision.reason, decision.others_reason)):
            reasons.setdefault(reason, []).append(places[pair])
    named = {what: compact(where) for what, where in made.items()}
    texts = {"reasons": "\n".join(f"{compact(where)} {reason}" for reason, where in reasons.items())}
    if sum(map(len, named.values())) > LONGEST_DETAIL:
        texts["places"] = "\n".join(f"{what}: {where}" for what, where in named.items())
        named = {what: f"{len(where)} places" for what, where in made.items()}
    return {"decisions": named}, {name: text for name, text in texts.items() if text}


def _called(decision: PairDecision) -> str:
    """“WITHHOLD R-NEC”; a plus or minus tells of the other person's part, if it was asked for."""
    signs = {ItemDecision.Others.DISCLOSE: "+OTHERS", ItemDecision.Others.WITHHOLD: "-OTHERS"}
    sign = signs.get(decision.others, "") if decision.decision == ItemDecision.Decision.DISCLOSE else ""  # type: ignore[call-overload]
    return " ".join(filter(None, (decision.decision, decision.refusal_code, sign)))


def _others(item: Item, decision: PairDecision) -> str:
    if not item.catalogued.others or decision.decision != ItemDecision.Decision.DISCLOSE:
        return ""
    return decision.others or ItemDecision.Others.NOT_ASKED


def faults_of(*, where: str, decision: PairDecision) -> list[tuple[str, str]]:
    choices, others = ItemDecision.Decision, ItemDecision.Others
    if decision.decision not in choices.values:
        return [("pair_is_decided", f"{where}: choose what happens with it.")]
    if decision.decision == choices.NEITHER and not decision.reason.strip():
        return [
            ("silence_has_a_reason", f"{where}: say in the note why confirming or denying would do harm.")
        ]
    if decision.decision == choices.WITHHOLD and decision.refusal_code not in REFUSALS:
        return [("withholding_has_a_code", f"{where}: choose the reason for withholding it.")]
    if decision.decision != choices.DISCLOSE:
        return []
    faults = []
    if not decision.text.strip():
        faults.append(("disclosure_has_text", f"{where}: write what is to be disclosed."))
    if decision.others not in {"", *others.values}:
        faults.append(("others_are_decided", f"{where}: choose what happens with the other person's part."))
    if decision.others == others.DISCLOSE and not decision.others_text.strip():
        faults.append(("others_have_text", f"{where}: write what is to be disclosed of the other person."))
    if decision.others in {others.DISCLOSE, others.WITHHOLD} and not decision.others_reason.strip():
        faults.append(
            ("others_have_a_reason", f"{where}: say where the other person's part is asked for, and why it is given or withheld.")
        )  # fmt: skip
    return faults
