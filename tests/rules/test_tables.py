"""Tables as people save them: what is read, what is refused, and by which line."""

import csv
import io

import pytest

from disclosures.places import compact, in_words, runs
from disclosures.tables import Column, read_table, told, written

COLUMNS = (
    Column("ref", ("your reference", "reference"), needed=True),
    Column("name", ("name",)),
    Column("place", ("address",)),
)


def cells(content: bytes) -> list[dict[str, str]]:
    table = read_table(content, COLUMNS)
    assert table.troubles == ()
    return [dict(line.cells) for line in table.lines]


def sentences(content: bytes) -> list[str]:
    return told(read_table(content, COLUMNS).troubles)


ONE = [{"ref": "R1", "name": "Zoë Example", "place": "1 Nowhere Lane; Exampleton"}]


@pytest.mark.parametrize(
    "text",
    [
        "your reference,name,address\nR1,Zoë Example,1 Nowhere Lane; Exampleton\n",
        'Your Reference;Name;Address\r\nR1;Zoë Example;"1 Nowhere Lane; Exampleton"\r\n',
        "\n\nAddress,YOUR_REFERENCE,name\r1 Nowhere Lane; Exampleton,R1,Zoë Example\r,,\r",
        'name,reference,address\n"Zoë Example", R1 ,"1 Nowhere Lane; Exampleton"',
    ],
)
def test_commas_semicolons_quotes_and_any_order_of_columns_read_the_same(text: str) -> None:
    assert cells(text.encode()) == ONE
    assert cells(text.encode("utf-8-sig")) == ONE


def test_a_text_over_two_lines_is_one_cell_and_lines_are_counted_as_an_editor_does() -> None:
    table = read_table(b'reference,name,address\nR1,A,"1 Lane\nExampleton"\nR2,B,C\n', COLUMNS)
    assert [(line.number, line.cells["place"]) for line in table.lines] == [
        (2, "1 Lane\nExampleton"),
        (4, "C"),
    ]


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_is_said_to_be_empty(content: bytes) -> None:
    assert sentences(content) == ["The file is empty. Choose another one."]


def test_a_file_of_another_writing_is_told_how_to_be_saved() -> None:
    assert "UTF-16" in sentences("reference,name\nR1,A".encode("utf-16"))[0]
    assert sentences("reference,name\nR1,Zoë\nR2,B\nR3,Noë".encode("cp1252")) == [
        "Lines 2 and 4: a letter is not written in UTF-8. In a spreadsheet, save it as “CSV UTF-8”."
    ]


def test_what_is_no_text_is_refused_by_its_line() -> None:
    assert sentences(b"reference,name\nR1,A\x00B\nR2,C\n") == [
        "Line 2: a character in it is not text and cannot be kept. Type the line again."
    ]


def test_a_head_that_is_none_is_told_the_columns() -> None:
    assert sentences(b"R1,Alex,1 Lane\nR2,Sam,2 Lane\n") == [
        "Line 1: the first line must hold the names of the columns. They are: your reference; name; address."
    ]


def test_every_fault_of_the_head_and_of_the_lines_is_told_at_once() -> None:
    found = sentences(b'name,colour,name\nA,red,B\nC,blue\n"D"x,green,E\n')
    assert found == [
        "Line 1: there is no column “colour”. The columns are: your reference; name; address.",
        "Line 1: the column “your reference” is missing.",
        "Line 1: the column “name” stands there twice.",
        "Line 3: has 2 cells where the first line has 3. Put a text with a comma or semicolon in quotes.",
        "Line 4: the quotes do not match, or a cell is far too long.",
    ]


def test_a_quote_that_never_ends_is_told_where_it_began() -> None:
    assert sentences(b'reference,name\nR1,A\nR2,"B\nR3,C\n')[0].startswith("Line 3: the quotes do not match")


def test_a_written_table_runs_no_formula_and_is_read_again() -> None:
    content = written(("reference", "name"), [("=1+1", "\uff1dcmd"), ("R2", "+44")])
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows == [["reference", "name"], ["'=1+1", "'\uff1dcmd"], ["R2", "'+44"]]


def test_runs_of_numbers_are_named_by_their_ends() -> None:
    assert runs([3, 1, 2, 9, 2]) == [(1, 3), (9, 9)]
    assert [in_words(n) for n in ([4], [4, 5], [1, 2, 3], [1, 3, 4, 7, 8, 9])] == ["4", "4 and 5", "1 to 3", "1, 3, 4 and 7 to 9"]  # fmt: skip
    assert compact([(1, 1), (1, 2), (2, 7), (1, 3), (1, 5)]) == "1.1-3 1.5 2.7"
    assert compact((item, person) for item in (1, 2) for person in range(1, 2001)) == "1.1-2000 2.1-2000"
