"""Writing down what counsel advised. What was sought in confidence stays privileged: it is sealed like every opinion."""

from datetime import date, datetime

from django.utils.timezone import localdate

from accounts.models import User

from ..models import Opinion
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case


@use_case
def record_counsel(
    *,
    request_id: int,
    adviser: str,
    advised_on: date,
    in_favour: bool,
    advice: str,
    actor: User,
    now: datetime,
) -> Opinion:
    """By the reviewer. `adviser` names the barrister or solicitor and the chambers or firm; the latest advice counts.

    Advice against a release is answered with a reason like an officer's, by whoever proposes and whoever approves.
    Raises NotThere for anybody but the reviewer, ActionRefused with every fault at once.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.REVIEW, now)
    faults = []
    if not adviser.strip():
        faults.append(("counsel_is_named", "Say who advised, and of which chambers or firm."))
    if not advice.strip():
        faults.append(("advice_has_words", "Write the advice down; it is kept with the decision."))
    if advised_on > localdate(now):
        faults.append(("advice_was_given", "The day lies in the future. Record it once it has come."))
    if faults:
        raise refuse(request, actor, "COUNSEL", *faults)
    row = Opinion(
        request=request,
        by_role=Opinion.By.COUNSEL,
        advised_on=advised_on,
        in_favour=in_favour,
        given_at=now,
        given_by=actor,
    )
    row.seal(advice=advice, adviser=adviser)
    row.save(force_insert=True)
    record_change(
        request,
        event="opinion.recorded",
        actor=actor,
        role=role,
        now=now,
        detail={"by": row.by_role, "in_favour": in_favour, "advised_on": advised_on.isoformat()},
        commits={"advice": advice, "adviser": adviser},
    )
    return row
