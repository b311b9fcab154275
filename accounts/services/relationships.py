"""The ownership register: dated lines of who controls whom, entered and ended, never rewritten."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate

from audit.entries import append

from ..models import Organisation, Relationship, User
from .common import Refused, changed, register_keeper, save


@transaction.atomic
def record_relationship(
    *,
    organisation_id: int,
    holder_id: int | None = None,
    test: str,
    percent: Decimal | None,
    evidence: str,
    document_reference: str = "",
    valid_from: date,
    valid_until: date | None,
    actor: User | None,
    now: datetime,
) -> Relationship:
    """One holding, by the tests of the Companies Act 2006, s.1159 or s.1162; `percent` of the votes.

    `holder_id` None is the controller. Lines that show no control may be entered and make nobody related.
    """
    by = register_keeper(actor, now)
    ends = {row.pk: row for row in _both_ends(organisation_id, holder_id)}
    company, holder = ends[organisation_id], ends.get(holder_id or 0)
    if holder is not None and holder.kind == Organisation.Kind.CONTROLLER:
        holder = None
    _refuse_impossible(company, holder, test, percent)
    if not evidence.strip():
        raise Refused("Name the document that shows the relationship, and its date.")
    if valid_until is not None and valid_until < valid_from:
        raise Refused("The relationship must end after it begins.")
    row = Relationship.objects.create(
        company=company,
        holder=holder,
        test=test,
        percent=percent,
        evidence=evidence,
        document_reference=document_reference,
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
        detail={"test": test, "holder": holder.ref if holder else "", "percent": str(percent or "")} | span,
    )
    return row


@transaction.atomic
def end_relationship(
    *, relationship_id: int, last_day: date, actor: User | None, now: datetime
) -> Relationship:
    """The company was sold, or the influence ended: the last day on which it was held."""
    by = register_keeper(actor, now)
    row = Relationship.objects.select_related("company").get(pk=relationship_id)
    company = Organisation.objects.select_for_update(no_key=True).get(pk=row.company_id)
    row.refresh_from_db()
    if last_day < row.valid_from:
        raise Refused("The last day lies before the first.")
    if row.valid_until is not None and row.valid_until <= localdate(now):
        raise Refused("This line has already ended. If that was wrong, enter a new line with its evidence.")
    row.valid_until, row.ended_on, row.ended_by = last_day, localdate(now), actor
    row.save(update_fields=["valid_until", "ended_on", "ended_by"])
    save(company)
    append(
        event="organisation.relationship_ended",
        actor=by,
        obj=changed(company),
        detail={"test": row.test, "last_day": last_day.isoformat()},
    )
    return row


def _both_ends(organisation_id: int, holder_id: int | None) -> list[Organisation]:
    rows = Organisation.objects.select_for_update(no_key=True)
    return list(rows.filter(pk__in=[organisation_id, *([holder_id] if holder_id else [])]).order_by("pk"))


def _refuse_impossible(
    company: Organisation, holder: Organisation | None, test: str, percent: Decimal | None
) -> None:
    kinds, tests = Organisation.Kind, Relationship.Test
    if test not in tests.values:
        raise Refused("Choose the test by which it was judged.")
    if holder is not None and holder.pk == company.pk:
        raise Refused("A company does not hold itself.")
    if test in Relationship.CONTROL:
        # The controller may itself be held; everybody else in a chain is a company of the group.
        if company.kind not in Relationship.OF_THE_GROUP or (
            company.kind == kinds.CONTROLLER and holder is None
        ):
            raise Refused(f"{company.name} is no company of the group.")
        if holder is not None and holder.kind not in Relationship.OF_THE_GROUP:
            raise Refused(f"{holder.name} is no company of the group.")
    elif company.kind not in {kinds.GROUP_COMPANY, kinds.PARTNER}:
        raise Refused(f"{company.name} is neither a company of the group nor a partner.")
    if test == tests.VOTES and (percent is None or percent <= 50):
        raise Refused(
            "A majority of the votes is more than 50 per cent. A minority stake is no relationship."
        )
    if test == tests.MINORITY and percent is not None and percent > 50:
        raise Refused("More than 50 per cent of the votes is a majority: choose that test.")
    if percent is not None and not 0 < percent <= 100:
        raise Refused("Per cent of the votes lie between 0 and 100.")
