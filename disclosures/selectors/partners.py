"""Partner marketing: to which partner the company consented, today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate

from accounts.models import Organisation, User

from ..guards.group import PARTNERS
from ..models import PartnerConsent, Request
from .opening import Opened, open_parts


def partner_consented_to(request: Request, now: datetime) -> PartnerConsent | None:
    """The consent that holds today; None where none is recorded, the last word took it back, or it has ended."""
    row = PartnerConsent.objects.filter(request=request).select_related("partner").order_by("-id").first()
    if row is None or not row.given or row.given_on > localdate(now):
        return None
    return None if row.until is not None and row.until < localdate(now) else row


def partners_on_the_list() -> list[Organisation]:
    return list(Organisation.objects.filter(kind=Organisation.Kind.PARTNER, is_active=True).order_by("name"))


@dataclass(frozen=True, slots=True)
class PartnerPage:
    """`holds` is the consent of today; `rows` the latest first."""

    is_asked: bool
    holds: PartnerConsent | None
    rows: Sequence[Opened]


def open_partner_consents(request: Request, *, actor: User, now: datetime) -> PartnerPage:
    """For somebody who may see the request; writes the view entry."""
    rows = PartnerConsent.objects.filter(request=request).select_related("partner", "recorded_by")
    return PartnerPage(
        is_asked=request.policy_purpose == PARTNERS,
        holds=partner_consented_to(request, now),
        rows=open_parts(request, list(rows.order_by("-id")), actor=actor, now=now),
    )
