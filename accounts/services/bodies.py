"""Bringing the delivered bodies into the register, without touching what an administrator has edited."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ..bodies.register import Body
from ..models import Organisation, OrganisationDomain
from .organisations import MailDomain, change_organisation, domains_of, register_organisation


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """`kept`: names of bodies that differ from what is delivered, because somebody here has edited them."""

    added: int
    corrected: int
    kept: tuple[str, ...]


@transaction.atomic(durable=True)
def load_bodies(*, bodies: Iterable[Body], now: datetime) -> Loaded:
    """Registers the bodies that are not there yet, and corrects those that nobody has edited since. A second run changes nothing."""
    added, corrected, kept = 0, 0, []
    held = {row.code: row for row in Organisation.objects.select_for_update(no_key=True)}
    for body in bodies:
        row = held.get(body.code)
        if row is None:
            _register(body, now)
            added += 1
        elif _differs(row, body):
            if row.version == row.delivered_version:
                _correct(row, body, now)
                corrected += 1
            else:
                kept.append(row.name)
    return Loaded(added=added, corrected=corrected, kept=tuple(kept))


def _register(body: Body, now: datetime) -> None:
    register_organisation(
        code=body.code, name=body.name, kind=body.kind, nation=body.nation, may_use=body.may_use,
        domains=_domains(body), needs_verification=body.needs_verification, delivered=True, actor=None, now=now,
    )  # fmt: skip


def _correct(row: Organisation, body: Body, now: datetime) -> None:
    """The number and whether it is in use are the house's own and stay."""
    change_organisation(
        organisation_id=row.pk, name=body.name, nation=body.nation, switchboard=row.switchboard,
        switchboard_source=row.switchboard_source, switchboard_checked_on=row.switchboard_checked_on,
        is_active=row.is_active, needs_verification=body.needs_verification, may_use=body.may_use,
        domains=_domains(body), delivered=True, actor=None, now=now,
    )  # fmt: skip


def _differs(row: Organisation, body: Body) -> bool:
    mine = (row.name, row.nation, list(row.may_use), row.needs_verification, {*domains_of(organisation=row)})
    return mine != (body.name, body.nation, list(body.may_use), body.needs_verification, {*_domains(body)})


def _domains(body: Body) -> list[MailDomain]:
    return [
        MailDomain(row.domain, OrganisationDomain.Certainty(row.certainty), row.legacy)
        for row in body.domains
    ]
