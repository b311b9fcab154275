"""Recording whether the rules of another body's scheme let an item be passed on."""

from datetime import date, datetime

from django.utils.timezone import localdate

from accounts.models import User

from ..models import Instrument, Item, SchemePermission
from ..selectors import NotThere
from ..selectors.settled import may_settle
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case

Ground = SchemePermission.Ground


@use_case
def record_scheme_permission(
    *,
    request_id: int,
    position: int,
    ground: str,
    allowed: bool,
    scheme: str,
    rule: str,
    checker: str,
    checked_on: date,
    until: date | None,
    actor: User,
    now: datetime,
) -> SchemePermission:
    """Legal's answer for the item at `position`; a later one takes the place of an earlier. Only added to.

    Raises NotThere for anybody but the head of legal and the approvers, ActionRefused with every fault at once.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    if not may_settle(actor, request, now):
        raise NotThere
    item = Item.objects.filter(request=request, position=position).first()
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    ordered = instrument is not None and not instrument.terms.voluntary
    faults = []
    if item is None or not item.is_from_a_scheme:
        faults.append(("item_is_from_a_scheme", "Choose an item that came from another body’s scheme."))
    if ground not in Ground.values:
        faults.append(("permission_has_a_ground", "Say on what it rests."))
    if ground == Ground.ORDER and not ordered:
        faults.append(
            ("order_is_there", "Nobody is bound to answer this request, so no order can be the ground. Ask the scheme.")
        )  # fmt: skip
    if ground == Ground.ORDER and not allowed:
        faults.append(
            ("order_binds", "An order that binds us is a ground to give it, never to hold it back.")
        )
    if not all(words.strip() for words in (scheme, rule, checker)):
        faults.append(
            (
                "permission_says_of_what",
                "Name the scheme, the rule or reference, and who checked it with whom.",
            )
        )
    if checked_on > localdate(now):
        faults.append(
            ("check_was_made", "The day of the check lies in the future. Record it once it has been made.")
        )
    if until is not None and until < checked_on:
        faults.append(("permission_lasts", "It ends before it was checked. Correct one of the two days."))
    if faults or item is None:
        raise refuse(request, actor, "SCHEME", *faults)
    row = SchemePermission(
        request=request, item=item, ground=ground, allowed=allowed, checked_on=checked_on, until=until,
        recorded_at=now, recorded_by=actor,
    )  # fmt: skip
    row.seal(scheme=scheme, rule=rule, checker=checker)
    row.save(force_insert=True)
    record_change(
        request,
        event="scheme.answered",
        actor=actor,
        role=role,
        now=now,
        detail={
            "item": position,
            "ground": ground,
            "allowed": allowed,
            "checked_on": checked_on.isoformat(),
            "until": until.isoformat() if until else "",
        },
        commits={"scheme": scheme, "rule": rule, "checker": checker},
    )
    return row
