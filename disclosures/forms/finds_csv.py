"""A data holder's answer to a long search as one file: which lines it fills, and everything that is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.core.files.uploadedfile import UploadedFile

from ..models import SearchRecord
from ..places import in_words
from ..services.searching import Find
from ..tables import Column, Line, Trouble, read_table, told
from .base import DeskForm
from .work import LongText

Result = SearchRecord.Result
Place = tuple[int, int]
COLUMNS = (
    Column("person", ("person",), needed=True),
    Column("item", ("item",), needed=True),
    Column("what", ("what to look for",)),
    Column("detail", ("more exactly",)),
    Column("period_from", ("from",)),
    Column("period_to", ("to",)),
    Column("name", ("name",)),
    Column("aliases", ("also known as",)),
    Column("born_on", ("date of birth",)),
    Column("address", ("address",)),
    Column("phone", ("telephone",)),
    Column("email", ("e-mail",)),
    Column("account_number", ("account number",)),
    Column("result", ("result",), needed=True),
    Column("terms", ("searched for",)),
    Column("found", ("what was found",)),
)
WORDS: Mapping[str, str] = {
    **dict.fromkeys(("found", "yes", "held"), Result.FOUND),
    **dict.fromkeys(("not held", "nothing held", "nothing", "nil", "no"), Result.NOT_HELD),
}
LARGEST = 5 * 1024 * 1024
LONGEST = 10_000


class LongAnswerForm(DeskForm):
    """A file, a word for all lines that it does not fill, or both."""

    file = forms.FileField(
        label="The table with your results (CSV)",
        required=False,
        help_text="The table from above, filled in: “found” or “not held” in the column “result”, and what was found. UTF-8, at most 5 MB.",
        error_messages={
            "empty": "The file is empty. Choose another one.",
            "invalid": "Choose the file with the results.",
            "max_length": "The file's name is too long. Give it a shorter one.",
        },
        max_length=200,
    )
    rest_not_held = forms.BooleanField(
        label="Of every line without a result in the file, nothing is held", required=False
    )
    terms = LongText(
        label="Terms searched for",
        required=False,
        help_text="For all lines whose column “searched for” is empty, for example: account number; then name and date of birth.",
        widget=forms.Textarea({"rows": 2}),
    )

    def clean(self) -> dict[str, object]:
        given = dict(super().clean() or {})
        if not given.get("file") and not given.get("rest_not_held") and not self.errors:
            self.add_error("file", "Choose the file with the results, or say that nothing is held.")
        return given

    @property
    def content(self) -> bytes:
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        return file.read(LARGEST + 1) if file else b""


@dataclass(frozen=True, slots=True)
class Answer:
    """A find for each record (by id), or the sentences that say why there is none."""

    finds: Mapping[int, Find]
    problems: tuple[str, ...]


def read_answer(
    content: bytes, records: Sequence[SearchRecord], *, rest_not_held: bool, terms: str
) -> Answer:
    """The file's lines laid on the records of the task; without a file, one answer for all of them."""
    if len(content) > LARGEST:
        return Answer(
            {}, ("The file is larger than 5 MB. Write down less: what was asked for, and nothing else.",)
        )
    wanted = {(row.subject.position, row.item.position): row for row in records}
    troubles: list[Trouble] = []
    lines: dict[Place, Line] = {}
    if content:
        table = read_table(content, COLUMNS)
        troubles += table.troubles
        lines = _placed(table.lines, wanted, troubles)
    finds, silent = {}, []
    for place, row in wanted.items():
        find = _find(lines.get(place), terms, troubles)
        if find is None and rest_not_held:
            find = Find(result=Result.NOT_HELD, terms=terms)
        if find is None:
            silent.append(place)
        else:
            finds[row.pk] = find
    problems = told(troubles) + ([] if troubles else _missing(silent))
    if not terms.strip() and not problems and any(not find.terms for find in finds.values()):
        problems.append("Write down the terms searched for: some lines have none of their own.")
    return Answer({} if problems else finds, tuple(problems))


def _placed(
    lines: Iterable[Line], wanted: Mapping[Place, SearchRecord], troubles: list[Trouble]
) -> dict[Place, Line]:
    found: dict[Place, Line] = {}
    for line in lines:
        person, item = line.cells.get("person", ""), line.cells.get("item", "")
        place = (int(person), int(item)) if _is_number(person) and _is_number(item) else None
        if place is None or place not in wanted:
            troubles.append(
                Trouble(line.number, "its person and item are none of this search. Leave these two columns as they were.")
            )  # fmt: skip
        elif place in found:
            same = found[place].number
            troubles.append(Trouble(line.number, f"it is the same person and item as line {same}."))
        else:
            found[place] = line
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6


def _find(line: Line | None, terms: str, troubles: list[Trouble]) -> Find | None:
    """What the line says; None where it says nothing, or nothing that can be kept."""
    if line is None:
        return None
    said, found = line.cells.get("result", "").casefold(), line.cells.get("found", "")
    own = line.cells.get("terms", "")
    result = WORDS.get(said) or (Result.FOUND if not said and found else "")
    if said and not result:
        troubles.append(Trouble(line.number, "the result must be “found” or “not held”."))
    elif result == Result.FOUND and not found:
        troubles.append(Trouble(line.number, "write down what was found."))
    elif result == Result.NOT_HELD and found:
        troubles.append(Trouble(line.number, "nothing is held, it says, yet there stands what was found. Change one of the two."))  # fmt: skip
    elif max(len(found), len(own)) > LONGEST:
        troubles.append(Trouble(line.number, f"a text is longer than {LONGEST:,} characters."))
    elif result:
        return Find(result=result, terms=own or terms, found=found)
    return None


def _missing(places: Iterable[Place]) -> list[str]:
    people: dict[int, list[int]] = {}
    for person, item in places:
        people.setdefault(item, []).append(person)
    return [
        f"Item {item}: there is no result for {'person' if len(persons) == 1 else 'persons'} {in_words(persons)}. "
        "Give it in the file, or say below that nothing is held."
        for item, persons in sorted(people.items())
    ]
