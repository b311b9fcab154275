"""Chains of holdings by themselves, and against a slow look at every day and every pair."""

from datetime import date, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from accounts.holdings import Holding, How, connection, last_related_day

DAY = date(2026, 11, 2)
US = 0


def holds(
    holder: int, held: int, first: int = -10, last: int | None = None, controls: bool = True
) -> Holding:
    """From `first` to `last` days from DAY."""
    end = None if last is None else DAY + timedelta(days=last)
    return Holding(holder * 100 + held, holder, held, DAY + timedelta(days=first), end, controls)


def how(*holdings: Holding, company: int = 9, day: int = 0) -> How | None:
    found = connection(holdings, company=company, us=US, day=DAY + timedelta(days=day))
    return found.how if found else None


def test_a_direct_subsidiary_is_related() -> None:
    assert how(holds(US, 9)) is How.SUBSIDIARY


def test_a_subsidiary_of_a_subsidiary_is_related_through_every_link() -> None:
    chain = (holds(US, 5), holds(5, 6), holds(6, 9))
    found = connection(chain, company=9, us=US, day=DAY)
    assert found is not None
    assert found.how is How.SUBSIDIARY
    assert [(link.holder, link.held) for link in found.links] == [(6, 9), (5, 6), (US, 5)]


def test_a_parent_and_a_fellow_subsidiary_are_related() -> None:
    assert how(holds(9, US)) is How.PARENT
    assert how(holds(7, US), holds(7, 9)) is How.FELLOW
    assert how(holds(8, 7), holds(7, US), holds(8, 6), holds(6, 9)) is How.FELLOW


def test_one_expired_link_breaks_the_chain_from_the_day_after() -> None:
    chain = (holds(US, 5, last=-1), holds(5, 9))
    assert how(*chain, day=-1) is How.SUBSIDIARY
    assert how(*chain, day=0) is None
    assert last_related_day(chain, company=9, us=US, before=DAY) == DAY - timedelta(days=1)


def test_both_end_days_count() -> None:
    assert how(holds(US, 9, first=0, last=0)) is How.SUBSIDIARY
    assert how(holds(US, 9, first=1)) is None


def test_links_that_never_ran_together_make_no_chain_and_no_last_day() -> None:
    chain = (holds(US, 5, first=-10, last=-6), holds(5, 9, first=-5, last=-1))
    assert how(*chain) is None
    assert last_related_day(chain, company=9, us=US, before=DAY) is None


def test_a_second_way_up_holds_when_the_first_breaks() -> None:
    assert how(holds(US, 5, last=-1), holds(5, 9), holds(US, 6), holds(6, 9)) is How.SUBSIDIARY


def test_what_is_no_control_connects_nobody() -> None:
    assert how(holds(US, 9, controls=False)) is None
    assert how(holds(US, 5), holds(5, 9, controls=False)) is None


def test_two_companies_that_hold_each_other_end_the_search() -> None:
    assert how(holds(5, 9), holds(9, 5)) is None
    assert how(holds(5, 9), holds(9, 5), holds(US, 5)) is How.SUBSIDIARY


def test_holding_the_same_company_is_not_being_held_by_the_same() -> None:
    assert how(holds(US, 5), holds(9, 5)) is None


# The oracle: reachability by squaring a relation until nothing is added, one day after the other. -------------

NODES = range(5)
lines = st.builds(
    holds,
    st.sampled_from(NODES),
    st.sampled_from(NODES),
    st.integers(-6, 2),
    st.none() | st.integers(2, 5) | st.integers(-6, -1),
    st.sampled_from([True, True, True, False]),
).filter(lambda row: row.holder != row.held and (row.last_day is None or row.last_day >= row.first_day))
registers = st.lists(lines, max_size=9).map(
    lambda rows: [
        Holding(n, r.holder, r.held, r.first_day, r.last_day, r.controls) for n, r in enumerate(rows)
    ]
)


def slowly_related(rows: list[Holding], company: int, day: date) -> bool:
    above = {(n, n) for n in NODES}
    above |= {
        (row.held, row.holder)
        for row in rows
        if row.controls and not (day < row.first_day or (row.last_day and day > row.last_day))
    }
    while more := {(a, d) for (a, b), (c, d) in product(above, above) if b == c} - above:
        above |= more
    return company != US and any((company, top) in above and (US, top) in above for top in NODES)


@given(registers, st.integers(1, 4), st.integers(-7, 7))
def test_related_is_what_the_slow_oracle_says(rows: list[Holding], company: int, offset: int) -> None:
    day = DAY + timedelta(days=offset)
    found = connection(rows, company=company, us=US, day=day)
    assert (found is not None) == slowly_related(rows, company, day)
    if found:
        assert all(link.covers(day) for link in found.links)


@given(registers, st.integers(1, 4))
def test_the_last_day_is_the_last_on_which_the_oracle_says_yes(rows: list[Holding], company: int) -> None:
    """Asked only where they are not related: then the last day is an end, and no day after it counts."""
    if slowly_related(rows, company, DAY):
        return
    days = [DAY - timedelta(days=n) for n in range(1, 12)]
    slow = next((day for day in days if slowly_related(rows, company, day)), None)
    assert last_related_day(rows, company=company, us=US, before=DAY) == slow
