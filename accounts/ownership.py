"""Reads of the ownership register: is a company related to the controller on a day, by which chain, or since when not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .holdings import Connection, Holding, connection, last_related_day
from .models import Organisation, Relationship
from .selectors import controller


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one company on one day. `chain` are the links in force; `last_day` the last on which there was a chain."""

    company: Organisation
    connection: Connection | None
    chain: Sequence[Relationship]
    last_day: date | None

    @property
    def is_related(self) -> bool:
        return self.connection is not None


def is_related(company: Organisation, on: date) -> bool:
    """Whether a chain of holdings connects it with the controller on this day."""
    return standing_of(company, on).is_related


def standing_of(company: Organisation, on: date) -> Standing:
    return _standings([company], on)[0]


def standings(on: date) -> list[Standing]:
    """Of every company of the group in the register, by name."""
    companies = Organisation.objects.filter(kind=Organisation.Kind.GROUP_COMPANY, is_active=True)
    return _standings(list(companies.order_by("name", "id")), on)


def register() -> list[Relationship]:
    """Every line that was ever entered, the latest first."""
    rows = Relationship.objects.select_related("company", "holder", "checked_by", "ended_by")
    return list(rows.order_by("-valid_from", "-id"))


def companies() -> list[Organisation]:
    """Those that can stand in the register, we ourselves first."""
    kinds = [Organisation.Kind.CONTROLLER, Organisation.Kind.GROUP_COMPANY, Organisation.Kind.PARTNER]
    return list(Organisation.objects.filter(kind__in=kinds, is_active=True).order_by("kind", "name", "id"))


def _standings(companies: Sequence[Organisation], on: date) -> list[Standing]:
    """Two queries, however many companies there are."""
    us = controller().pk
    rows = {row.pk: row for row in register()}
    holdings = [_holding(row, us) for row in rows.values()]
    return [_standing(company, holdings, rows, us, on) for company in companies]


def _standing(
    company: Organisation, holdings: Sequence[Holding], rows: dict[int, Relationship], us: int, on: date
) -> Standing:
    # A partner is none of the group, whatever somebody entered.
    may_be = company.kind == Organisation.Kind.GROUP_COMPANY
    found = connection(holdings, company=company.pk, us=us, day=on) if may_be else None
    chain = [rows[link.key] for link in found.links] if found else []
    ended = None
    if may_be and found is None:
        ended = last_related_day(holdings, company=company.pk, us=us, before=on)
    return Standing(company, found, chain, ended)


def _holding(row: Relationship, us: int) -> Holding:
    ends = [end for end in (row.holder, row.company) if end is not None]
    return Holding(
        key=row.pk,
        holder=row.holder_id or us,
        held=row.company_id,
        first_day=row.valid_from,
        last_day=row.valid_until,
        controls=row.test in Relationship.CONTROL
        and all(end.kind in Relationship.OF_THE_GROUP for end in ends),
    )
