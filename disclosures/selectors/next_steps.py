"""What a person can do with a request now: the table's arrows, and the work between them."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from django.urls import reverse

from accounts.roles import Role

from ..facts import Facts
from ..guards import reason_is_given
from ..guards.deciding import advice_against_it_is_answered
from ..models import Letter, Request
from ..models.request import Urgency
from ..notifications import TURNS
from ..states import Action, Kind, Outcome, Perm, State
from ..words import STEP_WORDS
from ..workflow import DECIDING, Objection, Transition, actions_from, objections
from .letter_text import ACKNOWLEDGED_IN

# Pages of their own take these steps: the letter's, which records it as sent, and the emergency's.
ELSEWHERE = frozenset({Action.RECORD_SENT, Action.RELEASE_EMERGENCY, Action.RELEASE_ALONE})

LETTER_SLUGS: Mapping[str, str] = {
    Letter.Purpose.RECEIPT: "receipt",
    Letter.Purpose.RETURN: "return",
    Letter.Purpose.OUTCOME: "answer",
    Letter.Purpose.PRESERVED: "preserved",
    Letter.Purpose.REVIEW: "review",
}

MANY: Mapping[Role, str] = {
    Role.INTAKE_CLERK: "the intake clerks",
    Role.APPROVER: "the approvers",
    Role.RELEASE_OFFICER: "the release officers",
    Role.HEAD_OF_LEGAL: "the head of legal",
    Role.DPO: "the data protection officer",
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """An arrow this person may take, and every objection that stands against it now."""

    action: Action
    slug: str
    button: str
    happens: tuple[str, ...]
    told: str
    asks_reason: str
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class Link:
    words: str
    address: str


def slug_of(action: Action) -> str:
    return action.value.lower().replace("_", "-")


ACTIONS: Mapping[str, Action] = {slug_of(action): action for action in Action}


def next_steps(request: Request, facts: Facts, held: frozenset[Perm], *, disclosed: int) -> list[NextStep]:
    """In the table's order. The reason counts as given: it is asked for in the step itself."""
    items = "1 item" if disclosed == 1 else f"{disclosed} items"
    arrows = [arrow for arrow in actions_from(State(request.state)) if arrow.perm in held]
    return [_step(arrow, facts, items, request) for arrow in arrows if arrow.action not in ELSEWHERE]


def _step(arrow: Transition, facts: Facts, items: str, request: Request) -> NextStep:
    words = STEP_WORDS[arrow.action]
    asked = replace(
        facts,
        act=DECIDING.get(arrow.action, ""),
        reason="given in the step",
        seen_digest=request.proposal_digest,
    )
    return NextStep(
        action=arrow.action,
        slug=slug_of(arrow.action),
        button=_button(arrow, facts, words.button.format(items=items)),
        happens=words.happens,
        told=told(arrow),
        asks_reason=_reason_asked(arrow, facts, words.reason),
        objections=objections(arrow, asked),
    )


def _button(arrow: Transition, facts: Facts, usual: str) -> str:
    if arrow.action is Action.APPROVE_NIL and facts.outcome is Outcome.NOT_PERSONAL_DATA:
        return "Approve the answer that no personal data is asked for"
    return usual


def _reason_asked(arrow: Transition, facts: Facts, usual: str) -> str:
    """The question for the reason: the step's own, or why it goes ahead against the advice."""
    if reason_is_given in arrow.guards:
        return usual
    if advice_against_it_is_answered in arrow.guards and advice_against_it_is_answered(
        replace(facts, reason="")
    ):
        return (
            f"Why it goes ahead against the advice of the {' and the '.join(facts.deciding.advice_against)}"
        )
    return ""


def told(arrow: Transition) -> str:
    """Who gets a notice when the step is taken, as the notices themselves have it."""
    turn = TURNS.get(arrow.target)
    if turn is None:
        return "Nobody is told by notice."
    people = ["whoever has the request, or all handlers" if turn.handler else ""]
    people += [MANY[role] for role in turn.roles]
    named = [words for words in people if words]
    sentence = " and ".join(named)
    verb = (
        "is"
        if len(named) == 1 and (turn.handler or turn.roles in {(Role.DPO,), (Role.HEAD_OF_LEGAL,)})
        else "are"
    )
    return f"{sentence[0].upper()}{sentence[1:]} {verb} told by notice."


BY_MAIL = (
    (Perm.RELEASE, Letter.Purpose.OUTCOME, "letter", "answer"),
    (Perm.CORRESPOND, Letter.Purpose.RETURN, "letter for information", "return"),
    (Perm.RECORD, Letter.Purpose.RECEIPT, "acknowledgement", "receipt"),
    (Perm.RECORD, Letter.Purpose.PRESERVED, "letter on what is kept", "preserved"),
    (Perm.RECORD, Letter.Purpose.REVIEW, "letter on the review", "review"),
)


def work_links(
    request: Request,
    held: frozenset[Perm],
    waiting: Set[str],
    *,
    acknowledged: bool = False,
    compulsory: bool = False,
    preserves: bool = False,
    reviewed: bool = False,
    second_periods: bool = False,
) -> list[Link]:
    """The pages for the work between the steps; `waiting` are the purposes of letters not sent yet.

    A company needs no acknowledgement: it follows its request on a page of its own.
    """
    receipt, returning, answering = Letter.Purpose.RECEIPT, Letter.Purpose.RETURN, Letter.Purpose.OUTCOME
    unacknowledged = request.state in ACKNOWLEDGED_IN and not (acknowledged or request.own_submission)
    is_emergency = request.urgency == Urgency.IMMEDIATE
    at_triage = request.restricted and request.born_restricted and request.state == State.SUBMITTED
    wanted: tuple[tuple[bool, str, str, tuple[str, ...]], ...] = (
        (Perm.EMERGENCY in held and is_emergency, "The page of the emergency", "emergency", ()),
        (Perm.RECORD in held, "Record a call, letter or mail", "correspondence", ()),
        (Perm.RECORD in held, "Note what became of a letter or a message", "delivery", ()),
        (Perm.RECORD in held, "Attach a scan or a mail", "attach", ()),
        (Perm.RECORD in held, "Write a comment to colleagues", "comments", ()),
        (
            Perm.RECORD in held and request.own_submission and not request.restricted,
            "Write to the company",
            "messages",
            (),
        ),
        (Perm.TIME in held, "Extend a deadline", "deadline", ()),
        (Perm.EDIT in held, "Correct what was recorded", "edit", ()),
        (Perm.VERIFY in held, "Record a check of the requester", "evidence", ()),
        (Perm.REVIEW in held, "Ask for a search", "ask-search", ()),
        (Perm.REVIEW in held and preserves, "Ask that it be kept", "holds", ()),
        (Perm.REVIEW in held, "Answer the tests", "tests", ()),
        (Perm.REVIEW in held, "Decide the items", "items", ()),
        (Perm.REVIEW in held, "Record counsel’s advice", "counsel", ()),
        (Perm.PROPOSE in held and compulsory, "Record an application to the court", "court", ()),
        (
            Perm.REVIEW in held and request.kind == Kind.GROUP,
            "See whom the company may be given",
            "group-checks",
            (),
        ),
        (Perm.ADVISE in held, "Record your opinion", "opinion", ()),
        (Perm.RECORD in held and unacknowledged, "Write the acknowledgement", "letter", ("receipt",)),
        (Perm.PROPOSE in held, "Write the answer’s letter", "letter", ("answer",)),
        (Perm.CORRESPOND in held, "Write the letter that asks for information", "letter", ("return",)),
        *(
            (
                perm in held and of in waiting and not request.own_submission,
                f"Send the {name} by mail",
                "letter-mail",
                (slug,),
            )
            for perm, of, name, slug in BY_MAIL
        ),
        (
            Perm.RELEASE in held and answering in waiting,
            "Record the letter as sent",
            "letter-sent",
            ("answer",),
        ),
        (
            Perm.CORRESPOND in held and returning in waiting,
            "Record the letter for information as sent",
            "letter-sent",
            ("return",),
        ),
        (
            Perm.RECORD in held and unacknowledged and receipt in waiting,
            "Record the acknowledgement as sent",
            "letter-sent",
            ("receipt",),
        ),
        (Perm.RECORD in held and preserves, "Write what is kept, and until when", "letter", ("preserved",)),
        (Perm.RECORD in held and reviewed, "Write what came of the review", "letter", ("review",)),
        *(
            (Perm.RECORD in held and of in waiting, f"Record the {name} as sent", "letter-sent", (slug,))
            for _, of, name, slug in BY_MAIL[3:]
        ),
        (Perm.RECORD in held, "Record whether the person is told", "telling", ()),
        (
            Perm.RECORD in held and second_periods,
            "Record what a second period hangs on",
            "second-periods",
            (),
        ),
        (Perm.RECORD in held, "Record hours or a fee", "costs", ()),
        (Perm.RECORD in held, "Link another request", "link", ()),
        (Perm.ASSIGN in held, "Say who has it", "assign", ()),
        (Perm.EXCLUDE in held, "Exclude a person", "exclude", ()),
        (Perm.RESTRICT in held and not request.restricted, "Restrict it to named members", "restrict", ()),
        (Perm.RESTRICT in held and request.restricted, "Say who may know of it", "members", ()),
        (Perm.TRIAGE in held and at_triage, "Open it to the desk", "open", ()),
    )
    return [
        Link(words, reverse(f"disclosures:{page}", args=[request.reference, *more]))
        for applies, words, page, more in wanted
        if applies
    ]
