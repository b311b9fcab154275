"""A table of questions about dates: columns rule, start, n and scheme, in any order and among others. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .asking import Question, Unclear, answer, read_question
from .calendars import Calendar

COLUMNS = ("rule", "start", "n", "scheme")
DUE = "due"
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Table:
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    questions: Sequence[Question]


def read_table(text: str) -> Table:
    """Raises Unclear with the problems of every line, each with the line's number, the header being line 1."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = next(reader, [])
        numbered = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise Unclear([f"Line {reader.line_num}: it cannot be read as a row of values ({error})."]) from None
    names = [name.strip().lower() for name in header]
    _demand_columns(names)
    places = [names.index(column) for column in COLUMNS]
    problems: list[str] = []
    rows, questions = [], []
    for number, row in numbered:
        if not any(value.strip() for value in row):
            continue
        if len(row) != len(header):
            problems.append(f"Line {number}: it has {len(row)} values, the header has {len(header)}.")
            continue
        rule, start, n, scheme = (row[place] for place in places)
        try:
            questions.append(read_question(rule=rule, start=start, n=n, scheme=scheme))
        except Unclear as unclear:
            problems += [f"Line {number}: {problem}" for problem in unclear.problems]
        rows.append(row)
    if problems:
        raise Unclear(problems)
    return Table(header, rows, questions)


def answered(table: Table, calendars: Mapping[str, Calendar]) -> str:
    """The same table with one column more, the due date."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*table.header, DUE])
    for row, question in zip(table.rows, table.questions, strict=True):
        due_on = answer(question, calendars).due_on
        writer.writerow([*row, due_on.isoformat() if due_on else ""])
    return written.getvalue()


def _demand_columns(names: Sequence[str]) -> None:
    if not names:
        raise Unclear(["The file is empty: its first line must be rule,start,n,scheme."])
    problems = [f"Line 1: the column {column} is missing." for column in COLUMNS if column not in names]
    problems += [
        f"Line 1: the column {name} stands twice." for name in dict.fromkeys(names) if names.count(name) > 1
    ]
    if DUE in names:
        problems.append("Line 1: there is a column due already; it is what the answer adds.")
    if problems:
        raise Unclear(problems)
