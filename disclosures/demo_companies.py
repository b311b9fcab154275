"""The companies of the demonstration's group: three related, one sold a month ago, one minority stake."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.timezone import localdate

from accounts.models import Organisation, Relationship
from accounts.services import record_relationship, register_organisation


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """`stake`: per cent of the votes that the controller holds; `sold`: days since it was sold."""

    code: str
    name: str
    stake: int
    sold: int | None = None


COMPANIES = (
    DemoCompany("demo-retail", "Demo Retail (fictitious)", 100),
    DemoCompany("demo-energy", "Demo Energy (fictitious)", 75),
    DemoCompany("demo-insurance", "Demo Insurance (fictitious)", 60),
    DemoCompany("demo-travel", "Demo Travel (fictitious)", 80, sold=30),
    DemoCompany("demo-media", "Demo Media (fictitious)", 20),
)


def make_company(company: DemoCompany, now: datetime) -> Organisation:
    """A minority stake is no relationship, so that company has no evidence of one."""
    row = register_organisation(
        code=company.code, name=company.name, kind=Organisation.Kind.GROUP_COMPANY, nation="EW", actor=None, now=now
    )  # fmt: skip
    if company.stake > 50:
        today = localdate(now)
        record_relationship(
            organisation_id=row.pk,
            test=Relationship.Test.VOTES,
            percent=Decimal(company.stake),
            evidence="Register of members, read on the day of set-up",
            valid_from=today - timedelta(days=2_000),
            valid_until=today - timedelta(days=company.sold) if company.sold else None,
            actor=None,
            now=now,
        )
        row.refresh_from_db()
    return row
