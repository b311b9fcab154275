"""Which companies are related to the controller: dated evidence, entered and ended, never rewritten."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate

from audit.entries import append

from ..models import Organisation, Relationship, User
from .common import Refused, administrator, changed, save


@transaction.atomic
def record_relationship(
    *,
    organisation_id: int,
    test: str,
    percent: Decimal | None,
    evidence: str,
    valid_from: date,
    valid_until: date | None,
    actor: User | None,
    now: datetime,
) -> Relationship:
    """Evidence by one of the tests of the Companies Act 2006, s.1159 or s.1162; `percent` of the votes."""
    by = administrator(actor, now)
    company = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    if company.kind != Organisation.Kind.GROUP_COMPANY:
        raise Refused(f"{company.name} is no company of the group.")
    if not evidence.strip():
        raise Refused("Name the document that shows the relationship, and its date.")
    if test == Relationship.Test.VOTES and (percent is None or percent <= 50):
        raise Refused(
            "A majority of the votes is more than 50 per cent. A minority stake is no relationship."
        )
    if valid_until is not None and valid_until < valid_from:
        raise Refused("The relationship must end after it begins.")
    row = Relationship.objects.create(
        company=company,
        test=test,
        percent=percent,
        evidence=evidence,
        valid_from=valid_from,
        valid_until=valid_until,
        checked_on=localdate(now),
        checked_by=actor,
    )
    save(company)
    span = {"from": valid_from.isoformat(), "until": valid_until.isoformat() if valid_until else ""}
    append(
        event="organisation.relationship_recorded",
        actor=by,
        obj=changed(company),
        detail={"test": test, "percent": str(percent or "")} | span,
    )
    return row


@transaction.atomic
def end_relationship(
    *, relationship_id: int, last_day: date, actor: User | None, now: datetime
) -> Relationship:
    """The company was sold, or the influence ended: the last day on which it was related."""
    by = administrator(actor, now)
    row = Relationship.objects.select_related("company").get(pk=relationship_id)
    company = Organisation.objects.select_for_update(no_key=True).get(pk=row.company_id)
    if last_day < row.valid_from:
        raise Refused("The last day lies before the first.")
    row.valid_until = last_day
    row.save(update_fields=["valid_until"])
    save(company)
    append(
        event="organisation.relationship_ended",
        actor=by,
        obj=changed(company),
        detail={"test": row.test, "last_day": last_day.isoformat()},
    )
    return row
