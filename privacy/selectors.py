"""Which version of the policy binds at an instant, and what the register holds of somebody."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count
from django.utils.timezone import localdate

from accounts.days import british

from .approach import Event, Kind
from .identity import Identity, is_surely_the_same
from .models import (
    CreditAgency,
    PolicyClause,
    PolicyVersion,
    Preference,
    PreferenceMark,
    TermsVersion,
)


class NoPolicyInForce(LookupError):
    """No posted version had taken effect at that instant."""


def version_in_force(at: datetime) -> PolicyVersion:
    """The newest version posted and in effect at `at`. Raises NoPolicyInForce."""
    rows = PolicyVersion.objects.filter(posted_at__lte=at, effective_from__lte=at)
    found = rows.order_by("-effective_from", "-number").first()
    if found is None:
        raise NoPolicyInForce(f"No version of the privacy policy was in force at {british(localdate(at))}.")
    return found


def version_or_none(at: datetime) -> PolicyVersion | None:
    try:
        return version_in_force(at)
    except NoPolicyInForce:
        return None


def clauses_of(version: PolicyVersion | None) -> dict[tuple[str, str], PolicyClause]:
    """What the version says, by (register, code)."""
    if version is None:
        return {}
    rows = PolicyClause.objects.filter(policy=version).order_by("id")
    return {(row.register, row.code): row for row in rows}


def purposes_above(at: datetime) -> frozenset[str]:
    """The codes that the version in force at `at` puts above its disclosure clause."""
    said = clauses_of(version_or_none(at)).values()
    return frozenset(row.code for row in said if row.stands_above)


def published_versions() -> list[PolicyVersion]:
    """The newest first."""
    return list(PolicyVersion.objects.defer("text").order_by("-number"))


def credit_agencies() -> list[CreditAgency]:
    return list(CreditAgency.objects.select_related("looked_up_by").order_by("name", "id"))


def terms_versions() -> list[TermsVersion]:
    """The newest first."""
    return list(TermsVersion.objects.order_by("-effective_from", "-id"))


def histories_of(people: Mapping[int, Identity]) -> dict[int, list[Event]]:
    """What the register holds of each of these people, by the caller's own key. Two queries, however many people."""
    wanted = {digest for marks in people.values() for digest in marks.values()}
    found = PreferenceMark.objects.filter(digest__in=wanted).values_list("preference_id", "digest")
    by_digest: dict[str, set[int]] = defaultdict(set)
    for preference_id, digest in found:
        by_digest[digest].add(preference_id)
    touched = {pk for rows in by_digest.values() for pk in rows}
    rows = {row.pk: row for row in Preference.objects.filter(pk__in=touched).prefetch_related("marks")}
    return {
        key: [
            _event(rows[pk], marks)
            for pk in sorted({pk for digest in marks.values() for pk in by_digest[digest]})
        ]
        for key, marks in people.items()
    }


def _event(row: Preference, marks: Identity) -> Event:
    theirs = {mark.mark: mark.digest for mark in row.marks.all()}
    return Event(
        kind=Kind(row.kind),
        said_at=row.said_at,
        said_on=localdate(row.said_at),
        channel=row.channel,
        company=row.company_id,
        sure=is_surely_the_same(theirs, marks),
    )


def history_by_marks(marks: Identity) -> list[Preference]:
    """The records that share a mark with these, the latest first, for whoever has typed the marks in."""
    mine = PreferenceMark.objects.filter(digest__in=list(marks.values())).values("preference_id")
    rows = Preference.objects.filter(pk__in=mine).select_related("company", "hand")
    return list(rows.order_by("-said_at", "-id"))


def preference_counts() -> list[tuple[str, int]]:
    """How many records there are of each kind, in words."""
    found = dict(Preference.objects.values_list("kind").annotate(Count("id")))
    return [(str(label), found.get(value, 0)) for value, label in Preference.Kind.choices]
