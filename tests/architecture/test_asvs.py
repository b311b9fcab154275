"""docs/asvs.md is whole, each line has one verdict, and each test it names is there."""

import re
from collections import Counter

from .source import ROOT

PAGE = ROOT / "docs" / "asvs.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (met|n/a|open) \| (.+) \|$", re.M)
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
# Of version 5.0: 70 requirements of level 1 and 183 of level 2, by chapter.
CHAPTERS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7}  # fmt: skip


def rows() -> list[tuple[str, ...]]:
    return ROW.findall(PAGE.read_text())


def test_every_requirement_of_both_levels_has_one_line_and_one_verdict() -> None:
    numbers = [row[0] for row in rows()]
    assert len(numbers) == len(set(numbers)) == 253
    assert Counter(row[1] for row in rows()) == {"1": 70, "2": 183}
    assert [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and not ROW.match(line) and "| asks for |" not in line] == []  # fmt: skip


def test_each_chapter_is_there() -> None:
    assert Counter(int(row[0].split(".")[0]) for row in rows()) == CHAPTERS


def test_what_is_met_names_a_test_that_is_there_and_nothing_else_does() -> None:
    for number, _, _, verdict, how in rows():
        named = TEST.findall(how)
        assert bool(named) == (verdict == "met"), number
        for file, test in named:
            text = (ROOT / file).read_text()
            assert not test or f"def {test}(" in text, (number, test)
