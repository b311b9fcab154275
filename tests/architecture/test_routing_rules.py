"""docs/routing.md names every routing rule once, each with a guard that an arrow asks and a test that is there."""

import re

from disclosures.workflow import TRANSITIONS

from .source import ROOT

PAGE = ROOT / "docs" / "routing.md"
ROW = re.compile(r"^\| (\d|–) \| (.+?) \| (.+?) \| (.+?) \|$", re.M)
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
GUARD = re.compile(r"`(\w+)`")
ASKED = {guard.__name__ for row in TRANSITIONS for guard in row.guards}


def test_the_nine_rules_are_there_once_each() -> None:
    numbers = [number for number, *_ in ROW.findall(PAGE.read_text())]
    assert numbers == [*"123456789", "–", "–"]


def test_each_has_guards_that_some_arrow_asks() -> None:
    for number, rule, guards, _ in ROW.findall(PAGE.read_text()):
        named = set(GUARD.findall(guards))
        assert named, (number, rule)
        assert named <= ASKED, (number, rule)


def test_each_has_tests_that_are_there() -> None:
    for number, rule, _, tests in ROW.findall(PAGE.read_text()):
        named = TEST.findall(tests)
        assert named, (number, rule)
        for file, test in named:
            text = (ROOT / file).read_text()
            assert not test or f"def {test}(" in text, (number, test)
