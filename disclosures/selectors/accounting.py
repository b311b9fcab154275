"""People's own requests: who works them, what stands in them, and which disclosures the law lets us tell of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of
from privacy.digests import digest
from privacy.identity import identity, is_surely_the_same, normal_forms

from ..catalogue import PURPOSES
from ..deadlines.access import AccessClock
from ..models import (
    AccessRequest,
    AccessTold,
    Instrument,
    ItemDecision,
    Letter,
    Request,
    Subject,
    SubjectMark,
)
from ..states import Kind
from ..wording.accounting import Told
from .doors import NotThere
from .opening import Opened

# Who records and prepares, who answers, and who decides what is told of the police and the authorities.
HANDS = frozenset(
    {Role.INTAKE_CLERK, Role.HANDLER, Role.TEAM_LEAD, Role.DPO, Role.APPROVER, Role.HEAD_OF_LEGAL}
)
ANSWERING = frozenset({Role.DPO, Role.APPROVER, Role.HEAD_OF_LEGAL})
CLEARED = frozenset({Role.DPO, Role.HEAD_OF_LEGAL})
PAGE = 50


def hand(user: User, now: datetime, roles: frozenset[Role] = HANDS) -> str:
    """The role by which this person works them. Raises NotThere."""
    held = sorted(roles_of(user, now) & roles)
    if not held:
        raise NotThere
    return str(held[0])


def access_for(user: User, ref: str, now: datetime) -> AccessRequest:
    hand(user, now)
    found = AccessRequest.objects.select_related("data_key", "recorded_by").filter(ref=ref).first()
    if found is None:
        raise NotThere
    return found


def access_list(user: User, now: datetime, after: str = "") -> tuple[list[AccessRequest], str]:
    """The newest first, and the reference after which the next page begins."""
    hand(user, now)
    rows = AccessRequest.objects.select_related("recorded_by").order_by("-recorded_at", "-id")
    place = AccessRequest.objects.filter(ref=after).first() if after else None
    if place is not None:
        rows = rows.filter(recorded_at__lte=place.recorded_at).exclude(
            recorded_at=place.recorded_at, id__gte=place.pk
        )
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].ref if len(found) > PAGE else ""


def clock_of(access: AccessRequest) -> AccessClock:
    return AccessClock(
        received_at=access.received_at,
        proof_asked_at=access.proof_asked_at,
        identity_at=access.identity_at,
        clarification_asked_at=access.clarification_asked_at,
        clarification_came_at=access.clarification_came_at,
        extended=access.extended_at is not None,
    )


@dataclass(frozen=True)
class Found:
    """A disclosure with the request it stands in, for the desk; the letter has `told` alone."""

    reference: str
    kind: str
    told: Told


def disclosures_to_tell(access: AccessRequest, person: Opened) -> list[Found]:
    """Related companies' by the index, and of the others those that a cleared person chose. Never a restricted one.

    The number of queries is the same whatever is found.
    """
    subjects = _by_index(person) | {row.subject_id for row in AccessTold.objects.filter(access=access)}
    given: dict[tuple[int, datetime], list[ItemDecision]] = defaultdict(list)
    for row in _given().filter(subject__in=subjects, request__restricted=False):
        if row.left_at is not None:
            given[row.request_id, row.left_at].append(row)
    laws = {
        row.request_id: row.terms.name
        for row in Instrument.objects.filter(request__in={pk for pk, _ in given}, governs=True)
    }
    return [
        _found(rows[0].request, rows, left_at, laws.get(pk, ""))
        for (pk, left_at), rows in sorted(given.items(), key=lambda one: one[0])
    ]


def _given() -> QuerySet[Any]:
    """What has left, with `left_at`: not what a later round decides and nobody has sent, and what it takes back all the same.

    An answer of before that was written down left on the day of its letter, if nothing was decided since.
    """
    unchanged = Q(round=OuterRef("request__round")) | Q(sent_at__gt=OuterRef("decided_at"))
    answers = Letter.objects.filter(request=OuterRef("request"), purpose=Letter.Purpose.OUTCOME)
    sent = answers.filter(unchanged, sent_at__isnull=False).order_by("-sent_at")
    of_before = Case(When(decision=ItemDecision.Decision.DISCLOSE, then=Subquery(sent.values("sent_at")[:1])))
    rows = ItemDecision.objects.annotate(left_at=Coalesce("given_at", of_before))
    return rows.select_related("item", "request__body").order_by("request_id", "item__position")


def _by_index(person: Opened) -> set[int]:
    """The subjects of related companies' requests who are surely this person."""
    names = ("account_number", "email", "phone", "name", "born_on")
    mine = identity(digest, normal_forms(**{name: getattr(person, name) for name in names}))
    near = SubjectMark.objects.filter(digest__in=list(mine.values()), request__restricted=False)
    theirs: dict[int, dict[str, str]] = defaultdict(dict)
    for row in SubjectMark.objects.filter(subject__in=near.values("subject_id")):
        theirs[row.subject_id][row.mark] = row.digest
    return {subject for subject, marks in theirs.items() if is_surely_the_same(marks, mine)}


def _found(request: Request, decided: Sequence[ItemDecision], sent_at: datetime, law: str) -> Found:
    purpose = PURPOSES.get(request.policy_purpose)
    why = purpose.name if request.kind == Kind.GROUP and purpose else law
    what = tuple(dict.fromkeys(row.item.catalogued.name for row in decided))
    to = request.body.name if request.body else ""
    return Found(request.reference, request.kind, Told(on=localdate(sent_at), to=to, what=what, why=why))


def subject_to_tell_of(reference: str, position: int) -> Subject | None:
    """One person of one answered request that is open to the desk; a restricted one is as if it were not there."""
    rows = Subject.objects.filter(
        request__reference=reference, request__restricted=False, request__kind__in=[Kind.POLICE, Kind.AML],
        position=position, request__letter__purpose=Letter.Purpose.OUTCOME, request__letter__sent_at__isnull=False,
    )  # fmt: skip
    return rows.select_related("request").first()
