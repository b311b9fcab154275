"""The language of the letters: values are put in as they are, and nothing of a text is ever run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosures.wording import LETTERS, faults_of, house_text, written

KNOWN = ("dear", "missing", "our reference")


def sentences(text: str) -> list[str]:
    return [f"{fault.line}: {fault.sentence}" for fault in faults_of(text, KNOWN)]


@pytest.mark.parametrize("code", LETTERS)
def test_the_houses_texts_name_only_what_their_letter_knows(code: str) -> None:
    assert faults_of(house_text(code), LETTERS[code].names) == []
    assert house_text(code).startswith("Dear {dear},")


@pytest.mark.parametrize("code", LETTERS)
def test_every_name_a_letter_knows_is_used_by_the_houses_text(code: str) -> None:
    """A name that no text uses would be a promise that nobody tried."""
    unused = {name for name in LETTERS[code].more if name not in house_text(code)}
    assert unused == set()


def test_places_and_parts_are_filled() -> None:
    text = "Dear {dear},\n\n[if missing]Add:\n{missing}[end][if not missing]All is there.[end]\n\n\n\nBye"
    assert written(text, {"dear": "Robin", "missing": "- a"}) == "Dear Robin,\n\nAdd:\n- a\n\nBye\n"
    assert written(text, {"dear": "Robin", "missing": ""}) == "Dear Robin,\n\nAll is there.\n\nBye\n"


def test_a_part_within_a_part_that_is_left_out_is_left_out() -> None:
    text = "[if missing]a[if dear]b[end]c[end]d"
    assert written(text, {"dear": "x", "missing": ""}) == "d\n"
    assert written(text, {"dear": "", "missing": "x"}) == "acd\n"


@given(st.text())
def test_a_value_is_never_read_as_wording(value: str) -> None:
    """Not even one that looks like a place, a part or a template of another language."""
    assert written("x{dear}x", {"dear": value, "missing": "SECRET"}).count("SECRET") == value.count("SECRET")
    nasty = "{missing} [if missing] {{ settings.SECRET_KEY }} {% load static %}"
    assert written("{dear}", {"dear": nasty, "missing": "no"}) == nasty + "\n"


@given(st.text(alphabet="[]{}if notend dear\n"))
def test_a_text_without_faults_can_always_be_filled(text: str) -> None:
    if not faults_of(text, KNOWN):
        written(text, dict.fromkeys(KNOWN, "value"))
        written(text, dict.fromkeys(KNOWN, ""))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n{nobody}", ["2: this letter does not know “nobody”. Use one of the names listed."]),
        ("{}", ["1: this letter does not know a place without a name. Use one of the names listed."]),
        ("{dear", ["1: the brace { stands alone. A place is written {like this}."]),
        ("[if missing]a", ["1: the part that begins here has no [end]."]),
        ("a[end]", ["1: [end] stands here, but no part was begun."]),
        ("[if weather]a[end]", ["1: this letter does not know “weather”. Use one of the names listed."]),
        ("{dear.__class__}", ["1: this letter does not know “dear.__class__”. Use one of the names listed."]),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, told: list[str]) -> None:
    assert sentences(text) == told


def test_every_fault_is_told_at_once() -> None:
    assert len(sentences("{a}\n{b}\n[if missing]\n}")) == 4


def test_other_brackets_are_words() -> None:
    assert faults_of("[sic] and [see annex 2]", KNOWN) == []
    assert written("[sic]", {}) == "[sic]\n"


def test_no_name_begins_like_a_condition() -> None:
    """“[if not held]” would ask for “held”."""
    assert not [name for kind in LETTERS.values() for name in kind.names if name.startswith("not ")]
