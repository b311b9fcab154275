"""A file of preferences, line by line: JSON lines or CSV, as `docs/preferences-import.md` says."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from .services import PreferenceInput, PreferenceRefused

LONDON = ZoneInfo("Europe/London")
NEEDED = ("record_id", "kind", "said_at", "source")
OPTIONAL = (
    "channel", "company", "wording", "policy_version", "account_number", "email", "phone", "name", "born_on",
)  # fmt: skip
LONGEST = {"wording": 40, "record_id": 200}
NEWEST_POLICY = 32_767


class NotAFile(ValueError):
    """The file cannot be read at all; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """`number` counts from 1 and includes a CSV's heading; `values` is None where the line is unreadable."""

    number: int
    values: Mapping[str, str] | None


def lines_of(path: Path) -> Iterator[Line]:
    """Raises NotAFile. `.csv` is read as CSV with a heading, anything else as JSON lines."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise NotAFile(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise NotAFile(f"{path} is not written in UTF-8.") from None
    return _csv(text, path) if path.suffix.lower() == ".csv" else _json_lines(text)


def _csv(text: str, path: Path) -> Iterator[Line]:
    rows = csv.reader(io.StringIO(text, newline=""))
    heading = [cell.strip() for cell in next(rows, [])]
    unknown = [cell for cell in heading if cell not in {*NEEDED, *OPTIONAL}]
    missing = [name for name in NEEDED if name not in heading]
    if unknown or missing or len(set(heading)) != len(heading):
        raise NotAFile(
            f"The heading of {path} must name {', '.join(NEEDED)}, each column once, and of the others only "
            f"{', '.join(OPTIONAL)}."
        )
    return _csv_rows(rows, heading)


def _csv_rows(rows: Iterator[list[str]], heading: list[str]) -> Iterator[Line]:
    """A quoted cell may run over several lines; a row is named by its last."""
    reader: Iterator[list[str]] = iter(rows)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Line(getattr(rows, "line_num", 0), None)
            continue
        if any(cell.strip() for cell in cells):
            whole = len(cells) == len(heading)
            yield Line(
                getattr(rows, "line_num", 0), dict(zip(heading, cells, strict=True)) if whole else None
            )


def _json_lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield Line(number, _json_values(line))


def _json_values(line: str) -> Mapping[str, str] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    scalars = all(
        isinstance(value, str | int | None) and not isinstance(value, bool) for value in found.values()
    )
    return {name: "" if value is None else str(value) for name, value in found.items()} if scalars else None


def read_line(line: Line) -> PreferenceInput:
    """Raises PreferenceRefused with all that can be seen without the register."""
    if line.values is None:
        raise PreferenceRefused(["The line is not a row of this file: an object of plain values, or as many cells as the heading."])  # fmt: skip
    values, faults = {name: text.strip() for name, text in line.values.items()}, []
    known = {*NEEDED, *OPTIONAL}
    faults += [f"{len(values.keys() - known)} names in it are unknown."] if values.keys() - known else []
    faults += [f"{name} is missing." for name in NEEDED if not values.get(name)]
    for name, text in values.items():
        if name in known and ("\0" in text or len(text) > LONGEST.get(name, 320)):
            faults.append(f"{name} is too long, or holds a character that cannot be kept.")
    said_at = instant_of(values.get("said_at", ""))
    if said_at is None and values.get("said_at"):
        faults.append("said_at is no date and time; write it as 2026-11-03T14:05:00Z, or as a day.")
    policy = values.get("policy_version", "")
    if policy and not (policy.isascii() and policy.isdigit() and int(policy) <= NEWEST_POLICY):
        faults.append("policy_version is no number of a version.")
    if faults or said_at is None:
        raise PreferenceRefused(faults)
    plain = {
        name: values.get(name, "")
        for name in (*NEEDED, *OPTIONAL)
        if name not in {"said_at", "policy_version"}
    }
    return PreferenceInput(**plain, said_at=said_at, policy_number=int(policy) if policy else None)


def instant_of(text: str) -> datetime | None:
    """An instant with its offset, a London time without one, or a London day (its first instant)."""
    try:
        if len(text) == len("2026-11-03"):
            return first_instant(date.fromisoformat(text))
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=LONDON)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def first_instant(day: date) -> datetime:
    """Of the London day."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)
