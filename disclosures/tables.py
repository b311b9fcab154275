"""Reads a table that somebody saved as CSV: UTF-8, comma or semicolon, a first line with the columns' names.

Nothing is guessed and nothing stops at the first fault: every trouble comes back with its line.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .places import in_words

NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
RUNS_AS_A_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
AS_UTF8 = "In a spreadsheet, save it as “CSV UTF-8”."


class Trouble(NamedTuple):
    """`line` as a text editor counts them; 0 is the file as a whole."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """`names`: what its head may say, the first as the template has it."""

    key: str
    names: tuple[str, ...]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    lines: tuple[Line, ...]
    troubles: tuple[Trouble, ...]


def read_table(content: bytes, columns: Sequence[Column]) -> Table:
    """The lines below the head, by the columns' keys, without the empty ones; and all that is wrong with the file."""
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        return Table((), (Trouble(0, "The file is empty. Choose another one."),))
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return Table((), (Trouble(0, f"The file is written in UTF-16, and only UTF-8 is read. {AS_UTF8}"),))
    troubles = list(_unreadable(content))
    text = NOT_TEXT.sub(" ", content.decode("utf-8-sig", errors="replace"))
    rows = _rows(text, troubles)
    head = next(rows, None)
    if head is None:
        return Table((), tuple(troubles))
    keys = _keys(head, columns, troubles)
    if not any(keys):
        return Table((), tuple(troubles))
    lines = []
    for number, cells in rows:
        if len(cells) != len(keys):
            said = f"has {_counted(len(cells), 'cell')} where the first line has {len(keys)}. Put a text with a comma or semicolon in quotes."
            troubles.append(Trouble(number, said))
            continue
        lines.append(Line(number, {key: cell.strip() for key, cell in zip(keys, cells, strict=True) if key}))
    return Table(tuple(lines), tuple(troubles))


def _unreadable(content: bytes) -> Iterator[Trouble]:
    for number, raw in enumerate(content.split(b"\n"), start=1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            yield Trouble(number, f"a letter is not written in UTF-8. {AS_UTF8}")
            continue
        if NOT_TEXT.search(line.rstrip("\r")):
            yield Trouble(number, "a character in it is not text and cannot be kept. Type the line again.")


def _rows(text: str, troubles: list[Trouble]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it begins on; the reader goes on behind a row it could not read."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            troubles.append(Trouble(begins, "the quotes do not match, or a cell is far too long."))
            continue
        if any(cell.strip() for cell in cells):
            yield begins, cells


def _delimiter(text: str) -> str:
    head = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", head)
    return ";" if bare.count(";") > bare.count(",") else ","


def _keys(head: tuple[int, list[str]], columns: Sequence[Column], troubles: list[Trouble]) -> list[str]:
    """The key of each cell of the head, "" for a cell that names no column."""
    number, cells = head
    known = {_bare(name): column.key for column in columns for name in column.names}
    keys = [known.get(_bare(cell), "") for cell in cells]
    names = "; ".join(column.names[0] for column in columns)
    if not any(keys):
        troubles.append(
            Trouble(number, f"the first line must hold the names of the columns. They are: {names}.")
        )
        return keys
    for cell, key in zip(cells, keys, strict=True):
        if not key and cell.strip():
            troubles.append(
                Trouble(number, f"there is no column “{cell.strip()[:60]}”. The columns are: {names}.")
            )
        elif not key:
            troubles.append(Trouble(number, "a column has no name. Delete it, or name it."))
    for column in columns:
        if keys.count(column.key) > 1:
            troubles.append(Trouble(number, f"the column “{column.names[0]}” stands there twice."))
        if column.needed and column.key not in keys:
            troubles.append(Trouble(number, f"the column “{column.names[0]}” is missing."))
    return keys


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _counted(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{number} {word}s"


def told(troubles: Iterable[Trouble]) -> list[str]:
    """One sentence for each kind of trouble, with all its lines: “Lines 3 and 7 to 90: …”."""
    lines: dict[str, list[int]] = {}
    for line, sentence in troubles:
        lines.setdefault(sentence, []).append(line)
    found = []
    for sentence, numbers in sorted(lines.items(), key=lambda entry: min(entry[1])):
        if not min(numbers):
            found.append(sentence)
        else:
            word = "Line" if len(set(numbers)) == 1 else "Lines"
            found.append(f"{word} {in_words(numbers)}: {sentence}")
    return found


def written(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The table as a spreadsheet opens it, with its mark of UTF-8; a cell that would run is made plain text."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(head)
    table.writerows([plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def plain(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula, made plain text by an apostrophe."""
    runs = cell.lstrip().startswith(RUNS_AS_A_FORMULA) or cell[:1] in {"\t", "\r"}
    return f"'{cell}" if runs else cell
