"""The table by itself: pure, without a database."""

import pytest

from disclosures.permissions import BY_STATE, GRANTS
from disclosures.states import Action, Perm, State
from disclosures.workflow import DECIDING, KINDLESS_STATES, TRANSITIONS, actions_from, find

ENDINGS = (State.REFUSED, State.TRANSFERRED, State.WITHDRAWN, State.EXPIRED, State.RELEASED)


def reachable(start: State) -> set[State]:
    seen, ahead = set(), [start]
    while ahead:
        state = ahead.pop()
        seen.add(state)
        ahead += [row.target for row in actions_from(state) if row.target not in seen]
    return seen


def test_state_and_action_name_exactly_one_arrow() -> None:
    keys = [(row.source, row.action) for row in TRANSITIONS]
    assert len(keys) == len(set(keys))


def test_every_state_is_reached_from_a_draft() -> None:
    assert reachable(State.DRAFT) == set(State)


def test_every_state_leads_to_closed() -> None:
    assert all(State.CLOSED in reachable(state) for state in State)


@pytest.mark.parametrize("state", ENDINGS)
def test_every_ending_is_closed_by_one_step(state: State) -> None:
    arrow = find(state, Action.CLOSE)
    assert arrow is not None
    assert arrow.target is State.CLOSED


def test_closed_leads_only_to_appeal_and_to_a_reported_wrong_release() -> None:
    assert {(row.action, row.target) for row in actions_from(State.CLOSED)} == {
        (Action.APPEAL, State.UNDER_APPEAL),
        (Action.REPORT_WRONG_RELEASE, State.BREACH_ASSESSMENT),
    }


def test_a_wrong_release_can_be_reported_wherever_something_left() -> None:
    sources = {row.source for row in TRANSITIONS if row.action is Action.REPORT_WRONG_RELEASE}
    assert sources == {State.RELEASED, State.EMERGENCY_RELEASED, State.CLOSED}


def test_every_action_has_an_arrow() -> None:
    assert {row.action for row in TRANSITIONS} == set(Action)


def test_the_clocks_own_permission_is_granted_to_nobody() -> None:
    assert all(Perm.SYSTEM not in perms for roles in GRANTS.values() for perms in roles.values())


def test_every_state_says_who_may_what() -> None:
    assert set(BY_STATE) == set(State)


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row.source}-{row.action}")
def test_every_arrow_can_be_taken_by_some_role(row) -> None:  # type: ignore[no-untyped-def]
    holders = [role for role, perms in GRANTS[row.source].items() if row.perm in perms]
    assert bool(holders) is (row.perm is not Perm.SYSTEM)


def test_deciding_acts_are_the_ones_the_law_of_four_eyes_names() -> None:
    assert set(DECIDING.values()) == {
        "CONFIRM", "PROPOSE", "CONCUR", "APPROVE", "PROPOSE_EMERGENCY", "RELEASE_EMERGENCY", "RATIFY", "DECIDE_APPEAL",
    }  # fmt: skip


def test_a_request_that_is_worked_has_a_kind() -> None:
    worked = {
        State.VERIFYING,
        State.IN_REVIEW,
        State.APPROVED,
        State.RELEASING,
        State.RELEASED,
        State.NO_DATA,
    }
    assert not worked & KINDLESS_STATES
