"""One decision for a whole group of like lines."""

from datetime import datetime

from accounts.models import User

from ..models import ItemDecision, Request
from ..selectors.likeness import Group, groups_of
from ..selectors.opening import open_finds
from ..states import Perm
from .changes import demand, locked, refuse, use_case
from .weighing import PairDecision, faults_of, write_decisions


@use_case
def decide_group(
    *,
    request_id: int,
    key: str,
    seen: str,
    decision: str,
    refusal_code: str = "",
    reason: str = "",
    actor: User,
    now: datetime,
) -> int:
    """Decides every line of a group as one; each line discloses what was found of its own person. Returns how many.

    `key` and `seen` are those of the group as the person read it. Raises ActionRefused where it has changed since:
    a colleague decided a line, or an answer came in.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.REVIEW, now)
    group = next((group for group in groups_of(request, now=now) if group.key == key), None)
    if group is None or group.seen != seen:
        sentence = (
            "The group has changed since you opened this page, so nothing was decided. Look at it again."
        )
        raise refuse(request, actor, "DECIDE_GROUP", ("group_is_unchanged", sentence))
    disclosing = decision == ItemDecision.Decision.DISCLOSE
    asked = PairDecision(decision=decision, refusal_code=refusal_code, text="what was found of each")
    if faults := faults_of(where="The group", decision=asked):
        raise refuse(request, actor, "DECIDE_GROUP", *faults)
    if disclosing and not group.was_found:
        sentence = "Nothing was found of these people, so there is nothing to disclose."
        raise refuse(request, actor, "DECIDE_GROUP", ("group_was_found", sentence))
    finds = _finds(request, group, actor, now) if disclosing else {}
    decisions = {
        (group.item.pk, subject): PairDecision(
            decision=decision,
            refusal_code=refusal_code if decision == ItemDecision.Decision.WITHHOLD else "",
            text=finds.get(subject, ""),
            reason=reason,
        )
        for subject in group.subjects
    }
    write_decisions(request, decisions, actor=actor, role=role, now=now)
    return group.size


def _finds(request: Request, group: Group, actor: User, now: datetime) -> dict[int, str]:
    """What the searches found of each person, as the data holders wrote it."""
    texts: dict[int, list[str]] = {}
    for record in open_finds(request, group.item, actor=actor, now=now):
        if record.found:
            texts.setdefault(record.subject_id, []).append(record.found)
    return {subject: "\n".join(found) for subject, found in texts.items()}
