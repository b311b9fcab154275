"""Organisations, with the groups of the roles that can be held in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction

from audit.entries import append

from ..models import (
    CompanyProfile,
    Organisation,
    OrganisationAlias,
    OrganisationDomain,
    RoleGroup,
    User,
)
from ..roles import CONTROLLER_ROLES, GROUP_COMPANY_ROLES
from .common import Refused, administrator, changed, save

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
    needs_verification: bool = False,
    aliases: Iterable[str] = (),
    domains: Iterable[MailDomain] = (),
    profile: Profile | None = None,
    actor: User | None,
    now: datetime,
) -> Organisation:
    """With the groups of the roles that can be held in it. The controller has a profile, nobody else."""
    by = administrator(actor, now)
    if (profile is not None) != (kind == Organisation.Kind.CONTROLLER):
        raise Refused("The controller, and no other organisation, has a company profile.")
    organisation = Organisation.objects.create(
        code=code,
        name=name,
        kind=kind,
        nation=nation,
        switchboard=switchboard,
        switchboard_source=switchboard_source,
        needs_verification=needs_verification,
    )
    if profile is not None:
        CompanyProfile.objects.create(organisation=organisation, **vars(profile))
    OrganisationAlias.objects.bulk_create(
        OrganisationAlias(organisation=organisation, name=alias) for alias in aliases
    )
    OrganisationDomain.objects.bulk_create(
        OrganisationDomain(organisation=organisation, **vars(domain)) for domain in domains
    )
    for role in sorted(ROLES_BY_KIND.get(Organisation.Kind(kind), ())):
        group = Group.objects.create(name=f"{code}:{role}")
        RoleGroup.objects.create(organisation=organisation, role=role, group=group)
    append(event="organisation.registered", actor=by, obj=changed(organisation), detail={"kind": kind})
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
    actor: User | None,
    now: datetime,
) -> Organisation:
    by = administrator(actor, now)
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    if organisation.kind == Organisation.Kind.CONTROLLER and not is_active:
        raise Refused("The controller itself cannot be switched off.")
    organisation.name, organisation.nation = name, nation
    organisation.switchboard, organisation.switchboard_source = switchboard, switchboard_source
    organisation.is_active, organisation.needs_verification = is_active, needs_verification
    save(
        organisation, "name", "nation", "switchboard", "switchboard_source", "is_active", "needs_verification"
    )
    append(
        event="organisation.changed",
        actor=by,
        obj=changed(organisation),
        detail={"is_active": is_active, "needs_verification": needs_verification},
    )
    return organisation
