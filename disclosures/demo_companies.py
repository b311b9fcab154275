"""The companies of the demonstration's group: three related, one of them through another, one sold a month ago, one minority stake."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.timezone import localdate

from accounts.models import Organisation, Relationship
from accounts.services import record_relationship, register_organisation


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """`stake`: per cent of the votes that `holder` (none: the controller) holds; `sold`: days since it was sold."""

    code: str
    name: str
    stake: int
    sold: int | None = None
    holder: str = ""


COMPANIES = (
    DemoCompany("demo-retail", "Demo Retail (fictitious)", 100),
    DemoCompany("demo-energy", "Demo Energy (fictitious)", 75),
    DemoCompany("demo-insurance", "Demo Insurance (fictitious)", 60, holder="demo-energy"),
    DemoCompany("demo-travel", "Demo Travel (fictitious)", 80, sold=30),
    DemoCompany("demo-media", "Demo Media (fictitious)", 20),
)


def make_company(company: DemoCompany, now: datetime) -> Organisation:
    """With its line in the ownership register; a minority stake stands there too, and relates nobody."""
    row = register_organisation(
        code=company.code, name=company.name, kind=Organisation.Kind.GROUP_COMPANY, nation="EW", actor=None, now=now
    )  # fmt: skip
    tests, today = Relationship.Test, localdate(now)
    holder = Organisation.objects.filter(code=company.holder).first()
    record_relationship(
        organisation_id=row.pk,
        holder_id=holder.pk if holder else None,
        test=tests.VOTES if company.stake > 50 else tests.MINORITY,
        percent=Decimal(company.stake),
        evidence="Register of members, read on the day of set-up",
        valid_from=today - timedelta(days=2_000),
        valid_until=today - timedelta(days=company.sold) if company.sold else None,
        actor=None,
        now=now,
    )
    row.refresh_from_db()
    return row
