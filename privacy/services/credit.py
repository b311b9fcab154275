"""The registers behind a credit check: licensed agencies, and the versions of the terms with their clause."""

import re
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import User
from accounts.services import Refused, register_keeper
from audit.entries import Changed, append

from ..models import CreditAgency, TermsVersion

FIRM_NUMBER = re.compile(r"[0-9]{6,7}", re.ASCII)


@transaction.atomic
def record_agency(
    *, name: str, firm_number: str, permission: str, looked_up_on: date, actor: User | None, now: datetime
) -> CreditAgency:
    """Raises Refused where nobody looked the permission up, or the firm stands there already."""
    by = register_keeper(actor, now)
    if not name.strip() or not permission.strip():
        raise Refused(
            "Write the agency's name and its permission as the Financial Services Register words it."
        )
    if not FIRM_NUMBER.fullmatch(firm_number):
        raise Refused("The firm reference number has six or seven digits.")
    if looked_up_on > localdate(now):
        raise Refused("The day of the look-up lies in the future.")
    if CreditAgency.objects.filter(firm_number=firm_number).exists():
        raise Refused("A firm with this number stands in the register already; look it up again there.")
    row = CreditAgency.objects.create(
        name=name,
        firm_number=firm_number,
        permission=permission,
        looked_up_on=looked_up_on,
        looked_up_by=actor,
    )
    append(
        event="credit_agency.recorded",
        actor=by,
        obj=Changed("credit_agency", row.ref, row.version),
        detail={"firm_number": firm_number, "looked_up_on": looked_up_on.isoformat()},
    )
    return row


@transaction.atomic
def look_agency_up_again(
    *, agency_id: int, licensed: bool, actor: User | None, now: datetime
) -> CreditAgency:
    """The register was read today: it still has the permission, or today is the first day without it."""
    by = register_keeper(actor, now)
    row = CreditAgency.objects.select_for_update(no_key=True).get(pk=agency_id)
    if row.ended_on is not None:
        raise Refused("Its permission has ended. If it has a new one, enter it under its new number.")
    row.looked_up_on, row.looked_up_by, row.version = localdate(now), actor, row.version + 1
    if not licensed:
        row.ended_on = date.fromordinal(localdate(now).toordinal() - 1)
    row.save(update_fields=["looked_up_on", "looked_up_by", "ended_on", "version"])
    append(
        event="credit_agency.looked_up" if licensed else "credit_agency.ended",
        actor=by,
        obj=Changed("credit_agency", row.ref, row.version),
        detail={"looked_up_on": row.looked_up_on.isoformat()},
    )
    return row


@transaction.atomic
def record_terms(
    *, name: str, effective_from: date, clause: str, actor: User | None, now: datetime
) -> TermsVersion:
    """`clause` says where the clause on credit checks stands; empty: these terms hold none."""
    by = register_keeper(actor, now)
    if not name.strip():
        raise Refused("Give the version of the terms its name.")
    if TermsVersion.objects.filter(name=name).exists():
        raise Refused("A version of this name stands in the register already.")
    row = TermsVersion.objects.create(
        name=name,
        effective_from=effective_from,
        has_credit_clause=bool(clause.strip()),
        clause=clause.strip(),
    )
    append(
        event="terms.recorded",
        actor=by,
        obj=Changed("terms", row.ref, row.version),
        detail={"from": effective_from.isoformat(), "has_credit_clause": row.has_credit_clause},
    )
    return row


@transaction.atomic
def end_terms(*, terms_id: int, last_day: date, actor: User | None, now: datetime) -> TermsVersion:
    by = register_keeper(actor, now)
    row = TermsVersion.objects.select_for_update(no_key=True).get(pk=terms_id)
    if row.effective_until is not None:
        raise Refused("These terms have ended already.")
    if last_day < row.effective_from:
        raise Refused("The last day lies before the first.")
    row.effective_until, row.version = last_day, row.version + 1
    row.save(update_fields=["effective_until", "version"])
    append(
        event="terms.ended",
        actor=by,
        obj=Changed("terms", row.ref, row.version),
        detail={"last_day": last_day.isoformat()},
    )
    return row
