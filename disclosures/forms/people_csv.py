"""A company's list of people as a file: what it must look like, and everything that is wrong with one that does not."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.timezone import localdate

from ..services.intake import SubjectInput
from ..tables import Column, Line, Trouble, read_table, told, written
from .base import DeskForm
from .company import MOST_LINES, CompanyPersonForm

COLUMNS = (
    Column("own_reference", ("your reference", "your own reference", "own reference", "reference"), needed=True),
    Column("name", ("name",)),
    Column("born_on", ("date of birth", "born")),
    Column("account_number", ("account or customer number", "account number", "customer number")),
    Column("address", ("address", "address or addresses")),
    Column("phone", ("telephone", "telephone number", "phone")),
    Column("email", ("e-mail", "e-mail address")),
)  # fmt: skip
LARGEST = 1024 * 1024
TWO_NEEDED = 2
NO_REFERENCE = "your reference is missing. Every line needs one, so that you find it again in the answer."


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What was read. `problems` are sentences, each with its lines; where there are any, nothing may be kept."""

    people: tuple[SubjectInput, ...]
    problems: tuple[str, ...]


def template() -> bytes:
    """The empty table, to be filled in."""
    return written([column.names[0] for column in COLUMNS], [])


def read_people(content: bytes, now: datetime) -> PeopleFile:
    """The people of the file in its order. Nothing is kept of it here, whatever is wrong."""
    if len(content) > LARGEST:
        return PeopleFile((), ("The file is larger than 1 MB. Split it into several requests.",))
    table = read_table(content, COLUMNS)
    form = CompanyPersonForm(now=now)
    troubles, people = list(table.troubles), []
    for line in table.lines:
        given, faults = _cleaned(line, form, localdate(now))
        troubles += [Trouble(line.number, sentence) for sentence in faults]
        people.append(given)
    troubles += _same_references(table.lines)
    if len(table.lines) > MOST_LINES:
        troubles.append(
            Trouble(0, f"The file names {len(table.lines):,} people, and one request takes at most {MOST_LINES:,}. Split it into several requests.")
        )  # fmt: skip
    if not table.lines and not troubles:
        troubles.append(Trouble(0, "The file names nobody: below the first line there is nothing."))
    return PeopleFile(() if troubles else tuple(people), tuple(told(troubles)))


def _cleaned(line: Line, form: CompanyPersonForm, today: date) -> tuple[SubjectInput, list[str]]:
    values: dict[str, str] = {}
    faults: list[str] = []
    for name, cell in line.cells.items():
        field = form.fields[name]
        try:
            value = field.clean([cell] if name == "born_on" else cell)
        except ValidationError as error:
            faults += error.messages
            continue
        if name == "born_on" and value and value > today:
            faults.append("The date of birth lies in the future.")
        values[name] = value.isoformat() if isinstance(value, date) else value or ""
    if not line.cells.get("own_reference"):
        faults.append(NO_REFERENCE)
    given = [name for name, cell in line.cells.items() if cell and name != "own_reference"]
    if len(given) < TWO_NEEDED:
        faults.append("two particulars of the person are needed, such as the name and the date of birth.")
    return SubjectInput(**values), faults


def _same_references(lines: Iterable[Line]) -> list[Trouble]:
    first: dict[str, int] = {}
    found = []
    for line in lines:
        reference = line.cells.get("own_reference", "").casefold()
        if reference and reference in first:
            sentence = f"your reference is the same as in line {first[reference]}. Each line needs its own."
            found.append(Trouble(line.number, sentence))
        first.setdefault(reference, line.number)
    return found


def as_text(people: Sequence[SubjectInput]) -> str:
    """The people as the page carries them from the preview to the confirmation; read again like any other file."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(column.names[0] for column in COLUMNS)
    table.writerows([getattr(person, column.key) for column in COLUMNS] for person in people)
    return text.getvalue()


class PeopleFileForm(DeskForm):
    file = forms.FileField(
        label="The list as a CSV file",
        help_text=f"At most {MOST_LINES:,} people and 1 MB. UTF-8, with commas or semicolons.",
        error_messages={
            "required": "Choose the file with the list.",
            "empty": "The file is empty. Choose another one.",
            "invalid": "Choose the file with the list.",
            "max_length": "The file's name is too long. Give it a shorter one.",
        },
        max_length=200,
    )

    @property
    def content(self) -> bytes:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        content: bytes = file.read(LARGEST + 1)
        return content
