"""Enough different people for each part: by hand-made teams."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosures.rota import Seat, candidates, unfilled

CONFIRM = Seat("CONFIRM", "the verification", frozenset({"HANDLER", "APPROVER"}))
PROPOSE = Seat("PROPOSE", "the proposal", frozenset({"HANDLER"}))
APPROVE = Seat("APPROVE", "the approval", frozenset({"APPROVER"}))
SEARCH = Seat("SEARCH", "the search", frozenset({"DATA_HOLDER"}), apart=False)
ROAD = [CONFIRM, PROPOSE, APPROVE, SEARCH]


def team(**roles: str) -> dict[int, frozenset[str]]:
    return {number: frozenset(held.split()) for number, held in enumerate(roles.values())}


@pytest.mark.parametrize(
    ("people", "lacking"),
    [
        (team(a="HANDLER", b="HANDLER", c="APPROVER", d="DATA_HOLDER"), []),
        (team(a="HANDLER", b="APPROVER", c="APPROVER DATA_HOLDER"), []),
        # Whoever only verifies moves along, so that the only handler is left to propose.
        (team(a="HANDLER APPROVER", b="APPROVER", c="HANDLER", d="DATA_HOLDER"), []),
        (team(a="HANDLER", b="APPROVER", c="DATA_HOLDER"), ["APPROVE"]),
        (team(a="HANDLER APPROVER DATA_HOLDER"), ["PROPOSE", "APPROVE"]),
        (team(), ["CONFIRM", "PROPOSE", "APPROVE", "SEARCH"]),
        (team(a="HANDLER", b="HANDLER", c="APPROVER"), ["SEARCH"]),
    ],
)
def test_each_seat_needs_somebody_of_its_own(people: dict[int, frozenset[str]], lacking: list[str]) -> None:
    assert [seat.act for seat in unfilled(ROAD, people, {})] == lacking


def test_who_acted_may_act_so_again_and_in_no_other_part() -> None:
    people = team(a="HANDLER APPROVER", b="HANDLER APPROVER", c="APPROVER", d="DATA_HOLDER")
    assert unfilled([PROPOSE, APPROVE, SEARCH], people, {"CONFIRM": {0}, "PROPOSE": {1}}) == []
    assert unfilled([PROPOSE, APPROVE], people, {"CONFIRM": {0}, "PROPOSE": {1}, "APPEAL": {2}}) == [APPROVE]
    assert candidates(PROPOSE, people, {"PROPOSE": {1}, "CONFIRM": {0}}) == {1}


TEAMS = st.dictionaries(
    st.integers(0, 5),
    st.frozensets(st.sampled_from(["HANDLER", "APPROVER", "DATA_HOLDER"])),
    max_size=5,
)


@given(TEAMS)
def test_as_many_seats_are_filled_as_can_be(people: dict[int, frozenset[str]]) -> None:
    """Against every way there is of placing different people."""
    apart = [seat for seat in ROAD if seat.apart]
    ways = permutations([*people, *([None] * len(apart))], len(apart))
    best = max(
        sum(
            person is not None and bool(seat.roles & people[person])
            for seat, person in zip(apart, way, strict=True)
        )
        for way in ways
    )
    assert sum(seat.apart for seat in unfilled(ROAD, people, {})) == len(apart) - best
