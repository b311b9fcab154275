"""Recording the application that lets credit be checked for a person of a company's request."""

from datetime import date, datetime

from django.utils.timezone import localdate

from accounts.models import User
from privacy.models import CreditAgency, TermsVersion

from ..models import CreditApplication, Request, Subject
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case


@use_case
def record_application(
    *,
    request_id: int,
    position: int,
    agency_ref: str,
    terms_ref: str,
    applied_on: date,
    reference: str,
    actor: User,
    now: datetime,
) -> CreditApplication:
    """Of the person at `position`; recorded again it replaces itself (the log keeps both).

    What is recorded may fall short of what the policy asks: the guards say so. Raises ActionRefused for what
    names no person, agency or terms, NotThere without the permission to review.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.REVIEW, now)
    subject = Subject.objects.filter(request=request, position=position).select_related("data_key").first()
    agency = CreditAgency.objects.filter(ref=agency_ref).first()
    terms = TermsVersion.objects.filter(ref=terms_ref).first()
    faults = []
    if subject is None:
        faults.append(("application_is_somebodys", "Choose one of the people of this request."))
    if agency is None or terms is None:
        faults.append(("application_is_registered", "Choose an agency and terms from the register."))
    if not reference.strip():
        faults.append(("application_has_a_reference", "Write the application's reference down."))
    if applied_on > localdate(now):
        faults.append(("application_was_made", "The day of the application lies in the future."))
    if faults or subject is None or agency is None or terms is None:
        raise refuse(request, actor, "RECORD_APPLICATION", *faults)
    row = CreditApplication.objects.filter(request=request, subject=subject).first() or CreditApplication()
    row.request, row.subject, row.agency, row.terms, row.applied_on = (
        request,
        subject,
        agency,
        terms,
        applied_on,
    )
    row.recorded_at, row.recorded_by = now, actor
    row.seal(reference=reference.strip())
    row.save()
    record_change(
        request,
        event="application.recorded",
        actor=actor,
        role=role,
        now=now,
        detail={
            "person": position,
            "agency": agency.ref,
            "terms": terms.ref,
            "applied_on": applied_on.isoformat(),
        },
        commits={"reference": reference.strip()},
        key=subject.data_key,
    )
    return row


def forget_applications(request: Request, *, beyond: int) -> None:
    """Of people whom a correction takes off the request: those behind the position `beyond`."""
    CreditApplication.objects.filter(request=request, subject__position__gt=beyond).delete()
