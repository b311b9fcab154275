"""Organisations, with the groups of the roles that can be held in them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.timezone import localdate

from audit.entries import append

from ..bodies.addresses import is_domain, plain
from ..models import (
    NUMBER_AND_SOURCE,
    CompanyProfile,
    Organisation,
    OrganisationAlias,
    OrganisationDomain,
    RoleGroup,
    User,
)
from ..roles import CONTROLLER_ROLES, GROUP_COMPANY_ROLES
from .common import Refused, administrator, changed, save

USES = ("P", "A", "O")
LONGEST = OrganisationDomain._meta.get_field("domain").max_length or 0
# What the history shows before and after a change, in the order of the form.
RECORDED = (
    "name", "nation", "switchboard", "switchboard_source", "switchboard_checked_on", "may_use", "is_active", "needs_verification",
)  # fmt: skip

ROLES_BY_KIND = {
    Organisation.Kind.CONTROLLER: CONTROLLER_ROLES,
    Organisation.Kind.GROUP_COMPANY: GROUP_COMPANY_ROLES,
}


@dataclass(frozen=True)
class MailDomain:
    domain: str
    certainty: OrganisationDomain.Certainty
    legacy: bool = False


@dataclass(frozen=True)
class Profile:
    """What the law makes of the controller (see CompanyProfile)."""

    is_telecoms_operator: bool
    is_regulated_sector: bool
    is_financial_institution: bool
    mlro_is_stand_in: bool


@transaction.atomic
def register_organisation(
    *,
    code: str,
    name: str,
    kind: str,
    nation: str,
    switchboard: str = "",
    switchboard_source: str = "",
    switchboard_checked_on: date | None = None,
    may_use: Sequence[str] = (),
    needs_verification: bool = False,
    aliases: Iterable[str] = (),
    domains: Iterable[MailDomain] = (),
    profile: Profile | None = None,
    delivered: bool = False,
    actor: User | None,
    now: datetime,
) -> Organisation:
    """With the groups of the roles that can be held in it. The controller has a profile, nobody else.

    `delivered`: as the product brings it; the version is noted, so that a later edit is known as one.
    """
    by = administrator(actor, now)
    if (profile is not None) != (kind == Organisation.Kind.CONTROLLER):
        raise Refused("The controller, and no other organisation, has a company profile.")
    domains = list(domains)
    _refuse_half_a_number(switchboard, switchboard_source, switchboard_checked_on, now)
    _refuse_wrong_uses(may_use)
    _refuse_domains(domains, owner=None)
    organisation = Organisation.objects.create(
        code=code,
        name=name,
        kind=kind,
        nation=nation,
        switchboard=switchboard.strip(),
        switchboard_source=switchboard_source.strip(),
        switchboard_checked_on=switchboard_checked_on,
        may_use=list(may_use),
        needs_verification=needs_verification,
        delivered_version=1 if delivered else None,
    )
    if profile is not None:
        CompanyProfile.objects.create(organisation=organisation, **vars(profile))
    OrganisationAlias.objects.bulk_create(
        OrganisationAlias(organisation=organisation, name=alias) for alias in aliases
    )
    _write_domains(organisation, domains)
    for role in sorted(ROLES_BY_KIND.get(Organisation.Kind(kind), ())):
        group = Group.objects.create(name=f"{code}:{role}")
        RoleGroup.objects.create(organisation=organisation, role=role, group=group)
    after = {**_recorded(organisation), "domains": _as_lines(domains)}
    append(
        event="organisation.registered",
        actor=by,
        obj=changed(organisation),
        detail={
            "kind": kind,
            "after": {name: value for name, value in after.items() if value not in ("", [])},
        },
    )
    return organisation


@transaction.atomic
def change_organisation(
    *,
    organisation_id: int,
    name: str,
    nation: str,
    switchboard: str,
    switchboard_source: str,
    is_active: bool,
    needs_verification: bool,
    switchboard_checked_on: date | None = None,
    may_use: Sequence[str] | None = None,
    domains: Collection[MailDomain] | None = None,
    delivered: bool = False,
    actor: User | None,
    now: datetime,
) -> Organisation:
    """Writes the register's row; `may_use` and `domains` stay as they are unless they are given.

    The entry holds what was there before and what is there after, of whatever changed: facts about a body, not about a person.
    """
    by = administrator(actor, now)
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    if organisation.kind == Organisation.Kind.CONTROLLER and not is_active:
        raise Refused("The controller itself cannot be switched off.")
    _refuse_half_a_number(switchboard, switchboard_source, switchboard_checked_on, now)
    _refuse_wrong_uses(may_use or ())
    held = domains_of(organisation=organisation)
    before = {**_recorded(organisation), "domains": _as_lines(held)}
    organisation.name, organisation.nation = name, nation
    organisation.switchboard = switchboard.strip()
    organisation.switchboard_source = switchboard_source.strip()
    organisation.switchboard_checked_on = switchboard_checked_on
    organisation.is_active, organisation.needs_verification = is_active, needs_verification
    if may_use is not None:
        organisation.may_use = list(may_use)
    if domains is not None:
        _refuse_domains(domains, owner=organisation)
        _write_domains(organisation, domains)
    after = {**_recorded(organisation), "domains": _as_lines(held if domains is None else domains)}
    if delivered:
        organisation.delivered_version = organisation.version + 1
    save(organisation, *RECORDED, "delivered_version")
    different = [key for key in before if before[key] != after[key]]
    append(
        event="organisation.changed",
        actor=by,
        obj=changed(organisation),
        detail={
            "is_active": is_active,
            "needs_verification": needs_verification,
            "before": {key: before[key] for key in different},
            "after": {key: after[key] for key in different},
        },
    )
    return organisation


def domains_of(*, organisation: Organisation) -> list[MailDomain]:
    return [
        MailDomain(row.domain, OrganisationDomain.Certainty(row.certainty), row.legacy)
        for row in OrganisationDomain.objects.filter(organisation=organisation).order_by("legacy", "domain")
    ]


def _write_domains(organisation: Organisation, domains: Iterable[MailDomain]) -> None:
    """Rows that stay as they are keep their id."""
    wanted = {domain.domain: domain for domain in domains}
    for row in OrganisationDomain.objects.filter(organisation=organisation):
        given = wanted.pop(row.domain, None)
        if given is None:
            row.delete()
        elif (row.certainty, row.legacy) != (given.certainty, given.legacy):
            row.certainty, row.legacy = given.certainty, given.legacy
            row.save(update_fields=["certainty", "legacy"])
    OrganisationDomain.objects.bulk_create(
        OrganisationDomain(organisation=organisation, **vars(domain)) for domain in wanted.values()
    )


def _recorded(organisation: Organisation) -> dict[str, Any]:
    """As the log keeps it: a day as text, everything else as it is."""
    values = {name: getattr(organisation, name) for name in RECORDED}
    day = organisation.switchboard_checked_on
    return values | {
        "switchboard_checked_on": day.isoformat() if day else "",
        "may_use": list(values["may_use"]),
    }


def _as_lines(domains: Iterable[MailDomain]) -> list[str]:
    return [f"{row.domain} {row.certainty}{' legacy' if row.legacy else ''}" for row in domains]


def _refuse_half_a_number(number: str, source: str, checked_on: date | None, now: datetime) -> None:
    """A number for call-backs is worth what its source is worth: never without one, never without the day."""
    if not number.strip() and not source.strip() and checked_on is None:
        return
    if not (number.strip() and source.strip() and checked_on):
        raise Refused(NUMBER_AND_SOURCE)
    if not any(character.isdigit() for character in number):
        raise Refused("The switchboard number has no digits. Type it as it is dialled.")
    if checked_on > localdate(now):
        raise Refused("The day on which the number was read lies in the future.")


def _refuse_wrong_uses(uses: Iterable[str]) -> None:
    if wrong := [use for use in uses if use not in USES]:
        raise Refused(f"A body may use P, A or O, and not {', '.join(wrong)}.")


def _refuse_domains(domains: Iterable[MailDomain], *, owner: Organisation | None) -> None:
    """Every fault at once: a name that is none, one that stands twice, one that belongs to somebody else."""
    names = [row.domain for row in domains]
    none = {name for name in names if plain(name) != name or not is_domain(name) or len(name) > LONGEST}
    faults = [f"{name} is no plain domain in lower case." for name in names if name in none]
    faults += [f"{name} stands twice." for name in sorted({name for name in names if names.count(name) > 1})]
    elsewhere = OrganisationDomain.objects.filter(domain__in={*names} - none).select_related("organisation")
    if owner is not None:
        elsewhere = elsewhere.exclude(organisation=owner)
    faults += [
        f"{row.domain} is in the register for {row.organisation.name}."
        for row in elsewhere.order_by("domain")
    ]
    if faults:
        raise Refused(" ".join(faults))
