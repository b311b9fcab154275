"""Recording that the company lets a partner approach the people of a request directly, or lets it no more."""

from datetime import date, datetime

from django.utils.timezone import localdate

from accounts.models import Organisation, User

from ..guards.group import PARTNERS
from ..models import PartnerConsent
from ..selectors import NotThere
from ..selectors.settled import may_settle
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case


@use_case
def record_partner_consent(
    *,
    request_id: int,
    partner: str,
    given: bool,
    given_on: date,
    until: date | None,
    reference: str,
    actor: User,
    now: datetime,
) -> PartnerConsent:
    """`partner` is the code of a partner of the register. A later word takes the place of an earlier. Only added to.

    Raises NotThere for anybody but the head of legal and the approvers, ActionRefused with every fault at once.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    if not may_settle(actor, request, now):
        raise NotThere
    found = Organisation.objects.filter(code=partner, kind=Organisation.Kind.PARTNER, is_active=True).first()
    faults = []
    if request.policy_purpose != PARTNERS:
        faults.append(("partner_is_asked_about", "This request is not about services of a partner."))
    if found is None:
        faults.append(("partner_is_in_the_register", "Choose a partner of the register."))
    if given_on > localdate(now):
        faults.append(("consent_was_given", "The day lies in the future. Record it once it has come."))
    if until is not None and until < given_on:
        faults.append(("consent_lasts", "It ends before it was given. Correct one of the two days."))
    if not reference.strip():
        faults.append(("consent_has_its_reference", "Give the contract or letter in which it stands."))
    if faults or found is None:
        raise refuse(request, actor, "PARTNER", *faults)
    row = PartnerConsent(
        request=request, partner=found, given=given, given_on=given_on, until=until, recorded_at=now, recorded_by=actor
    )  # fmt: skip
    row.seal(reference=reference)
    row.save(force_insert=True)
    record_change(
        request,
        event="partner.consented",
        actor=actor,
        role=role,
        now=now,
        detail={
            "partner": found.ref,
            "given": given,
            "on": given_on.isoformat(),
            "until": until.isoformat() if until else "",
        },
        commits={"reference": reference},
    )
    return row
