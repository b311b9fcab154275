"""An objection takes queued approvals back: from the register's import, and from the sweep that never sleeps."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from privacy.models import PreferenceMark

from ..models import Item, Request, Subject, SubjectMark
from ..selectors.facts import facts_for
from ..selectors.group import standings_of_people
from ..states import Action, Kind, Perm, State
from ..workflow import TRANSITIONS
from .changes import ActionRefused, demand, locked, refuse, use_case
from .steps import take_step
from .weighing import PairDecision, decide

QUEUED = sorted({row.source.value for row in TRANSITIONS if row.action is Action.OBJECTED})
OPTED_OUT = "R-OPT"
AGAINST = ("OPT_OUT", "OBJECTION_MARKETING", "OBJECTION")


def void_for_objections(*, now: datetime) -> int:
    """Sends every queued proposal back in which somebody is barred since. Each is its own transaction.

    Returns how many, the restricted ones not counted: the number is told to whoever imports an objection.
    """
    due = [request for request in _candidates() if _has_a_barred_person(request, now)]
    taken_back = [request for request in due if _void(request_id=request.pk, now=now)]
    return sum(not request.restricted for request in taken_back)


def _candidates() -> Iterator[Request]:
    """Queued requests with a person of whom any preference against it is on record; most of them are none.

    The marks of the few restricted ones are veiled, so each of those is asked by itself.
    """
    against = PreferenceMark.objects.filter(preference__kind__in=AGAINST).values("digest")
    marked = SubjectMark.objects.filter(
        request__state__in=QUEUED, request__kind=Kind.GROUP, digest__in=against
    )
    veiled = SubjectMark.objects.filter(
        request__state__in=QUEUED, request__kind=Kind.GROUP, request__restricted=True
    )
    found = Q(pk__in=marked.values("request_id")) | Q(pk__in=veiled.values("request_id"))
    rows: QuerySet[Request] = Request.objects.filter(found)
    yield from rows.select_related("body", "data_key").order_by("id")


def _has_a_barred_person(request: Request, now: datetime) -> bool:
    facts = facts_for(request, actor=None, now=now, action=Action.OBJECTED)
    return bool(facts.group.barred)


def _void(*, request_id: int, now: datetime) -> bool:
    try:
        return _take_it_back(request_id=request_id, now=now)
    except ActionRefused:
        return False  # somebody was quicker between the list and the lock


@use_case
def _take_it_back(*, request_id: int, now: datetime) -> bool:
    request = locked(request_id)
    if State(request.state).value not in QUEUED:
        return False
    take_step(request, action=Action.OBJECTED, actor=None, now=now)
    return True


@use_case
def withhold_the_barred(*, request_id: int, actor: User, now: datetime) -> int:
    """Withholds everything of whoever may not be approached, in one step; returns of how many people.

    Raises ActionRefused where there is nobody, NotThere without the permission to review.
    """
    request = locked(request_id)
    demand(request, actor, Perm.REVIEW, now)
    why = standings_of_people(request, now=now) if request.kind == Kind.GROUP else {}
    left_out = list(Subject.objects.filter(request=request, position__in=why).order_by("position"))
    if not left_out:
        raise refuse(
            request,
            actor,
            "WITHHOLD_BARRED",
            ("somebody_is_barred", "Nobody on this request has to be left out."),
        )
    items = list(Item.objects.filter(request=request).values_list("pk", flat=True))
    decisions = {
        (item, subject.pk): PairDecision(
            decision="WITHHOLD", refusal_code=OPTED_OUT, reason=f"This person {why[subject.position]}."
        )
        for item in items
        for subject in left_out
    }
    decide(request, decisions=decisions, actor=actor, now=now)
    return len(left_out)
