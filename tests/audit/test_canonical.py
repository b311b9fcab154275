"""Canonical JSON against the worked example of RFC 8785 and the rules of docs/audit-format.md."""

import json
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import LARGEST, NotCanonical, canonical

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SCALARS = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


def test_names_are_sorted_by_utf_16_code_units_as_in_the_rfc():
    names = ["€", "\r", "\ufb33", "1", "😀", "\u0080", "ö"]
    ordered = ["\r", "1", "\u0080", "ö", "€", "😀", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names, 1)))) == ordered


def test_strings_are_escaped_as_in_the_rfc():
    value = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    expected = r"""{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"""
    assert canonical(value) == expected.encode()


def test_every_control_character_has_its_one_form():
    short = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}
    for code in range(1, 0x20):
        expected = short.get(chr(code), rf"\u{code:04x}")
        assert canonical(chr(code)) == f'"{expected}"'.encode()
    assert canonical("\x7f\u2028") == b'"\x7f\xe2\x80\xa8"'


@given(VALUES)
def test_what_is_written_reads_back_and_writes_the_same(value):
    written = canonical(value)
    assert json.loads(written) == value
    assert canonical(json.loads(written)) == written


@given(st.dictionaries(TEXTS, SCALARS))
def test_the_order_of_arrival_does_not_matter(value):
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_a_named_value_is_written_as_its_text():
    assert canonical({"state": StrEnum("State", {"OPEN": "OPEN"}).OPEN}) == b'{"state":"OPEN"}'


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        float("nan"),
        2**53,
        -(2**53),
        "\ud800",
        "a\0b",
        {1: "a"},
        {"\udfff": 1},
        b"bytes",
        {1, 2},
        pytest.param(object(), id="an object"),
    ],
    ids=repr,
)
def test_what_has_no_place_in_the_log_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical([value])
