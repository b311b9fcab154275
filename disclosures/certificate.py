"""The certificate of a disposal: what was destroyed, when, by whom, on which ground. Pure: facts in, words out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

FORMAT = "cpdisclose-certificate-of-disposal-1"
ACCESS = "ACCESS"  # `what`: a person's own request, beside CASE and SUBJECT


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One request or one person of it. `counts`: rows, keys and log values by kind; `digest`: SHA-256 over them."""

    reference: str
    what: str
    person: int | None
    ground: str
    retention_class: str
    keep_until: str
    done_at: str
    counts: Mapping[str, int]
    digest: str
    log_version: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """`proposed_by` and `confirmed_by` are colleagues' names with the role they acted in."""

    format: str
    company: str
    batch: str
    proposed_by: str
    proposed_at: str
    confirmed_by: str
    confirmed_at: str
    destroyed: tuple[Destroyed, ...]


def as_json(certificate: Certificate) -> str:
    return json.dumps(asdict(certificate), indent=1, ensure_ascii=False) + "\n"


def instant(when: datetime) -> str:
    return when.isoformat(timespec="seconds")


def paragraphs(row: Destroyed) -> list[tuple[str, str]]:
    """What the printed certificate says of one."""
    is_access = row.what == ACCESS
    what = "The request as a whole" if row.person is None else f"Person {row.person} of it"
    counts = ", ".join(f"{count} × {kind}" for kind, count in sorted(row.counts.items()))
    return [
        ("Person’s own request" if is_access else "Request", row.reference),
        ("Destroyed", what),
        ("Ground", row.ground),
        ("Class and last day of keeping", f"{row.retention_class or 'none'}, {row.keep_until or 'no day'}"),
        ("Done", row.done_at),
        ("How much", counts),
        ("SHA-256 over what was destroyed", row.digest),
        (
            "In the log as",
            f"{'access_request' if is_access else 'request'} {row.reference}, version {row.log_version}",
        ),
    ]
