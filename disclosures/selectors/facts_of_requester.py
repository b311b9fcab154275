"""What the guards may know of the checks made of the requester, and of where the answer would go."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from accounts.days import british
from accounts.models import OrganisationDomain
from sealing.blind import blind_index

from ..catalogue.checks import CHECKS
from ..deadlines.rules import Purpose
from ..facts import AskedFacts, CheckedFacts, EndedCheck
from ..models import Deadline, Evidence, Instrument, Officer, Request
from ..models.request import ReturnChannel
from ..states import State

RATIFIED_LATER = frozenset({State.EMERGENCY_RELEASED, State.AWAITING_RATIFICATION})


def still_counts(code: str, at: datetime, now: datetime) -> bool:
    return localdate(now) <= CHECKS[code].counts_until(localdate(at))


def checked_facts(request: Request, evidence: Mapping[str, Evidence], now: datetime) -> CheckedFacts:
    """`evidence`: the newest check of each kind."""
    ended = [row for row in evidence.values() if row.passed and not still_counts(row.code, row.at, now)]
    call = evidence.get(Evidence.Code.CALL_BACK)
    hours = timedelta(hours=CHECKS["CALL_BACK"].emergency_hours)
    return CheckedFacts(
        ended=tuple(
            EndedCheck(row.code, british(localdate(row.at)), british(CHECKS[row.code].counts_until(localdate(row.at))))
            for row in ended
        ),
        rung_back_lately=call is not None and call.passed and now - call.at <= hours,
        ratification_overdue=_ratification_is_overdue(request, now),
    )  # fmt: skip


def asked_facts(
    request: Request, officer: Officer | None, instrument: Instrument | None, *, items: int, people: int
) -> AskedFacts:
    ended = instrument.valid_until if instrument else None
    return AskedFacts(
        standing=officer.standing if officer else "",
        may_use=tuple(request.body.may_use) if request.body else (),
        items=items,
        people=people,
        return_channel=request.return_channel,
        return_standing=request.return_standing,
        return_is_listed=_return_is_listed(request),
        ended_on=british(ended) if ended else "",
    )


def domains_index(domain: str, *, restricted: bool) -> list[str]:
    """Blind indexes of the domain and of each above it, so that a name entered later is found by them too."""
    labels = domain.split(".")
    names = [".".join(labels[start:]) for start in range(max(len(labels) - 1, 0))]
    return [blind_index(name, of="domain", restricted=restricted) for name in names]


def _return_is_listed(request: Request) -> bool:
    """Against the register of today, whatever it was when the address was written down; nothing is opened for it."""
    if (
        request.return_channel != ReturnChannel.SECURE_MAIL
        or not request.return_domains
        or request.body is None
    ):
        return False
    names = OrganisationDomain.objects.filter(organisation=request.body, legacy=False)
    wanted = {
        blind_index(name, of="domain", restricted=request.restricted)
        for name in names.values_list("domain", flat=True)
    }
    return bool(wanted & set(request.return_domains))


def _ratification_is_overdue(request: Request, now: datetime) -> bool:
    if request.state not in RATIFIED_LATER:
        return False
    clocks = Deadline.objects.running().filter(request=request, purpose=Purpose.RATIFICATION, due_at__lte=now)
    return clocks.exists()
