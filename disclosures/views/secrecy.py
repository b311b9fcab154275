"""The page of a secret's end: proposed by one member, confirmed or turned down by another."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.models import User

from ..forms.secrecy import EndForm, ReviewForm, TurnDownForm
from ..guards.secrecy import ENDERS
from ..permissions import held_on, roles_on
from ..selectors.opening import open_secrecy_ends
from ..services import ActionRefused
from ..services import secrecy as services
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, prove_again, through_the_door

PAGE = "disclosures:secrecy"


@desk_page
def secrecy(http: HttpRequest, reference: str) -> HttpResponse:
    """Four buttons: `propose`, `confirm`, `turn-down`, `look-again`."""
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    data, pressed = posted(http), http.POST.get("do", "")
    ending = EndForm(data if pressed == "propose" else None)
    turning = TurnDownForm(data if pressed == "turn-down" else None)
    looking = ReviewForm(data if pressed == "look-again" else None, initial={"on": case.secrecy_review_on})
    refused: ActionRefused | None = None
    step = partial(_tried, user=user, request_id=case.pk, now=now)
    if ending.is_valid():
        prove_again(http, case)
        if (refused := step(services.propose_end_of_secrecy, **ending.cleaned_data)) is None:
            return done(http, "Proposed. Another member must confirm it.", PAGE, reference)
    elif turning.is_valid():
        if (refused := step(services.turn_down_end_of_secrecy, **turning.cleaned_data)) is None:
            return done(http, "Turned down. It stays a secret of its members.", PAGE, reference)
    elif looking.is_valid():
        if (refused := step(services.set_secrecy_review, **looking.cleaned_data)) is None:
            return done(http, "The day for looking again is set.", PAGE, reference)
    elif pressed == "confirm":
        prove_again(http, case)
        if (refused := step(services.confirm_end_of_secrecy)) is None:
            return done(http, "The secrecy has ended: the request is open to the desk.", PAGE, reference)
    ends = open_secrecy_ends(case, actor=user, now=now)
    context = {
        "case": case,
        "waiting": next((row for row in ends if row.decided_at is None), None),
        "decided": [row for row in ends if row.decided_at is not None],
        "may_end": bool(roles_on(user, case, now) & ENDERS),
        "may_set_day": Perm.RESTRICT in held_on(user, case.reference, now),
        "mine": any(row.decided_at is None and row.proposed_by == user for row in ends),
        "ending": ending,
        "turning": turning,
        "looking": looking,
    }
    return show(http, "disclosures/work/secrecy.html", context, ending, turning, looking, refused=refused)


def _tried(use: Callable[..., object], *, user: User, **given: object) -> ActionRefused | None:
    return attempt(partial(use, actor=user, **given))
