"""By which version of the catalogue a request is read: today's while it is open, that of the decision afterwards."""

from collections.abc import Mapping

from ..deadlines.rules import Purpose
from ..facts import Facts
from ..models import Instrument, Request
from ..states import Action

DECIDED = frozenset({
    Action.APPROVE_RELEASE, Action.APPROVE_REFUSAL, Action.APPROVE_NIL, Action.RELEASE_EMERGENCY, Action.RELEASE_ALONE,
    Action.TRANSFER, Action.WITHDRAW, Action.EXPIRE, Action.EXPIRE_BY_HAND,
})  # fmt: skip
DECIDED_ANEW = frozenset({Action.VOID_APPROVAL, Action.OVERTURN})


def pin_the_terms(request: Request, facts: Facts, action: Action) -> None:
    """A decision keeps the terms under which it was made; what is decided anew is read by today's again."""
    rows = Instrument.objects.filter(request=request, governs=True)
    if action in DECIDED and facts.instrument is not None:
        rows.filter(terms_pinned_at=None).update(
            catalogue_version=facts.instrument.version, terms_pinned_at=facts.now
        )
    elif action in DECIDED_ANEW:
        rows.update(terms_pinned_at=None)


def handed_on(request: Request, facts: Facts) -> Mapping[str, object]:
    """What legal is told with the case: the instrument and its day, which go on running there, and until when a review can be asked for."""
    if facts.instrument is None:
        return {}
    told = {"instrument": facts.instrument.code, "due_on": str(request.due_on or "")}
    if facts.instrument.second_period(Purpose.REVIEW_REQUEST):
        clock = request.deadlines.filter(purpose=Purpose.REVIEW_REQUEST, stopped_at=None).first()
        told["review_until"] = str(clock.due_on or "") if clock else ""
    return told
