"""What the published policy says of purposes, categories and sources, version by version."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from privacy.models import PolicyClause
from privacy.selectors import clauses_of, published_versions, version_or_none

from ..catalogue import PURPOSES
from ..catalogue.policy_registers import CATEGORIES, SOURCES
from .answering import show
from .doors import desk_page
from .ownership import reader

Registers = PolicyClause.Register


@dataclass(frozen=True, slots=True)
class Line:
    """`said` is None where the version in force does not name it."""

    code: str
    name: str
    said: PolicyClause | None
    note: str


@desk_page
def registers(http: HttpRequest) -> HttpResponse:
    _, now, _ = reader(http)
    version = version_or_none(now)
    said = clauses_of(version)

    def lines(register: str, rows: Iterable[tuple[str, str, str]]) -> list[Line]:
        return [Line(code, name, said.get((register, code)), note) for code, name, note in rows]

    context = {
        "version": version,
        "versions": published_versions(),
        "purposes": lines(Registers.PURPOSE, ((row.code, row.name, row.why_not) for row in PURPOSES.values())),
        "categories": lines(
            Registers.CATEGORY,
            (
                (row.code, row.name, "; ".join(word for word, holds in (("shows somebody else too", row.third_party), ("its scheme may forbid passing it on", row.restricted)) if holds))
                for row in CATEGORIES.values()
            ),
        ),
        "sources": lines(Registers.SOURCE, ((row.code, row.name, row.note) for row in SOURCES.values())),
    }  # fmt: skip
    return show(http, "disclosures/registers/policy.html", context)
