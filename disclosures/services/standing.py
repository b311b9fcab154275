"""What people decide about a row of the catalogue: a lawyer's signature, and switching it off and on."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of
from audit.canonical import JSON
from audit.entries import Actor, Changed, append

from ..catalogue import INSTRUMENTS
from ..models import InstrumentStanding
from ..selectors import NotThere

LAWYERS = frozenset({Role.HEAD_OF_LEGAL, Role.APPROVER})
SWITCHERS = frozenset({Role.ADMIN, Role.HEAD_OF_LEGAL})


class StandingRefused(Exception):
    """`args[0]` is the sentence a person reads."""


@transaction.atomic(durable=True)
def sign_off(*, code: str, version: int, actor: User, now: datetime) -> InstrumentStanding:
    """A house lawyer says that this version of the row is the law. From then on letters may cite it.

    Raises NotThere for anybody else, StandingRefused where the row changed since it was read.
    """
    role = _one_of(LAWYERS, actor, now)
    row, terms = _row(code), INSTRUMENTS[code]
    if version != terms.version:
        raise StandingRefused(
            "The row changed since you opened this page. Read it again before you sign it off."
        )
    if row.signed_version == version:
        raise StandingRefused("This version is signed off already.")
    row.signed_version, row.signed_at, row.signed_by = version, now, actor
    return _save(row, "instrument.signed_off", actor, role, now, {"of_version": version})


@transaction.atomic(durable=True)
def switch_off(*, code: str, reason: str, actor: User, now: datetime) -> InstrumentStanding:
    """Nothing that arrives can be put under it any more, and triage says so of what already was."""
    role = _one_of(SWITCHERS, actor, now)
    row = _row(code)
    if reason not in InstrumentStanding.OffReason.values:
        raise StandingRefused("Choose why it is switched off.")
    if row.off_at:
        raise StandingRefused("It is switched off already.")
    row.off_at, row.off_by, row.off_reason = now, actor, reason
    return _save(row, "instrument.switched_off", actor, role, now, {"reason": reason})


@transaction.atomic(durable=True)
def switch_on(*, code: str, actor: User, now: datetime) -> InstrumentStanding:
    role = _one_of(SWITCHERS, actor, now)
    row = _row(code)
    if not row.off_at:
        raise StandingRefused("It is not switched off.")
    row.off_at, row.off_by, row.off_reason = None, None, ""
    return _save(row, "instrument.switched_on", actor, role, now, {})


def _one_of(roles: frozenset[Role], actor: User, now: datetime) -> Role:
    held = sorted(roles_of(actor, now) & roles)
    if not held:
        raise NotThere
    return held[0]


def _row(code: str) -> InstrumentStanding:
    if code not in INSTRUMENTS:
        raise NotThere
    held = InstrumentStanding.objects.select_for_update(no_key=True).filter(code=code).first()
    return held or InstrumentStanding(code=code, version=0)


def _save(
    row: InstrumentStanding, event: str, actor: User, role: Role, now: datetime, detail: dict[str, JSON]
) -> InstrumentStanding:
    row.version += 1
    row.save()
    append(
        event=event,
        actor=Actor(actor.ref, role),
        obj=Changed("instrument", row.code, row.version),
        detail={"as_of": now.isoformat(timespec="seconds"), **detail},
    )
    return row
