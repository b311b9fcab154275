"""How long a request is kept, what holds it, and destroying a part of it before its time."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User, opaque

from .. import selectors
from ..forms.keeping import EarlyDisposalForm, LiftHoldForm, PlaceHoldForm, RelationshipForm
from ..models import Request
from ..selectors.keeping import (
    HOLDERS,
    PROPOSERS,
    acting_as,
    disposals_of,
    holds_upon,
    keeping_of,
    legal_holds_of,
    people_of,
    stone_of,
)
from ..selectors.opening import open_parts
from ..services import ActionRefused, disposing
from ..services import keeping as service
from ..states import Perm, State
from .answering import attempt, done, posted, show
from .doors import desk_page, moment, prove_again, through_the_door

HERE = "disclosures:keeping"


@desk_page
def keeping(http: HttpRequest, reference: str) -> HttpResponse:
    """Everybody who sees the request sees its period; who may hold or propose finds the forms."""
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    may_hold = bool(acting_as(user, case, HOLDERS, now))
    may_propose = bool(acting_as(user, case, PROPOSERS, now)) and case.state == State.CLOSED
    rows = legal_holds_of(case)
    lasting = [(row.reference, str(row.get_ground_display())) for row in rows if row.lifted_at is None]
    positions = people_of(case) if may_propose else []
    place = PlaceHoldForm(posted(http) if "place" in http.POST else None)
    lift = LiftHoldForm(posted(http) if "lift" in http.POST else None, holds=lasting)
    ended = RelationshipForm(posted(http) if "relationship" in http.POST else None)
    early = EarlyDisposalForm(posted(http) if "early" in http.POST else None, people=positions)
    if http.method == "POST" and not (may_propose if "early" in http.POST else may_hold):
        raise selectors.NotThere
    if "lift" in http.POST:
        prove_again(http, case, back=reverse(HERE, args=[reference]))
    forms = (place, lift, ended, early)
    answer = _answer(http, case, user, forms)
    if isinstance(answer, HttpResponse):
        return answer
    context = {
        "case": case,
        "kept": keeping_of(case),
        "held_by": holds_upon([case.pk]).get(case.pk, ()),
        "holds": list(zip(rows, open_parts(case, rows, actor=user, now=now), strict=True)),
        "disposals": disposals_of(case),
        "may_hold": may_hold,
        "may_propose": may_propose,
        "lasting": lasting,
        "place": place,
        "lift": lift,
        "ended": ended,
        "early": early,
        "now": now,
    }
    return show(http, "disclosures/work/keeping.html", context, *forms, refused=answer)


Forms = tuple[PlaceHoldForm, LiftHoldForm, RelationshipForm, EarlyDisposalForm]


def _answer(
    http: HttpRequest, case: Request, user: User, forms: Forms
) -> HttpResponse | ActionRefused | None:
    """Does what was posted; a refusal comes back with its sentences."""
    place, lift, ended, early = forms
    use: Callable[[], object]
    given: dict[str, Any] = {"request_id": case.pk, "actor": user, "now": moment()}
    if place.is_valid():
        use, said = partial(service.place_hold, **given, **place.cleaned_data), "The hold is placed."
    elif lift.is_valid():
        use, said = partial(service.lift_hold, **given, **lift.cleaned_data), "The hold is lifted."
    elif ended.is_valid():
        use = partial(service.record_end_of_relationship, **given, **ended.cleaned_data)
        said = "The period was counted again."
    elif early.is_valid():
        whom = early.cleaned_data.pop("whom")
        position = None if whom == "whole" else int(whom)
        use = partial(
            disposing.propose_disposal, **given, batch=opaque("d"), position=position, **early.cleaned_data
        )
        said = "It is proposed. A second person must confirm it."
    else:
        return None
    return attempt(use) or done(http, said, HERE, case.reference)


def stone(http: HttpRequest, case: Request) -> HttpResponse:
    """The page of a request that was destroyed: what it was, and the proof."""
    context = {"case": case, "stone": stone_of(case)}
    return render(http, "disclosures/stone.html", context)
