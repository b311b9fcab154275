"""The same table for a company's requests and for production orders, tried through HTTP.

The table holds for every kind, with one difference: a company's own draft is there for nobody at the desk. The
company's people have pages of their own; on the desk's pages their own request is not there for them either.
"""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts.roles import CONTROLLER_ROLES
from cpdisclose.local.postgres import Cluster
from disclosures.states import State
from tests.conftest import cloned
from tests.every_state import USUAL, OtherKinds, other_kinds
from tests.signed_in import signs_in_again
from tests.world import make_world

from .test_access_matrix import ABSENT, Row, Situation, ask, bare, browser, matrix, try_one

pytestmark = pytest.mark.long


class AtTheCompanys(Situation):
    """Somebody at the desk before a company's requests."""

    def expects(self, row: Row) -> str:
        return super().expects(Row(row.state, row.method, row.what, frozenset())) if row.state is State.DRAFT else super().expects(row)  # fmt: skip


@pytest.fixture(scope="module")
def desk(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[OtherKinds]:
    with django_db_blocker.unblock(), cloned(cluster):
        yield other_kinds(make_world())


def situations(desk: OtherKinds) -> list[Situation]:
    everything = frozenset(CONTROLLER_ROLES)
    outside, sold = browser(desk.all_roles), browser(desk.sold)
    return [
        *(
            AtTheCompanys(f"colleague {role}, company", browser(person), desk.company, frozenset({role}))
            for role, person in desk.colleagues.items()
        ),
        *(
            Situation(f"member {role}, order", browser(person), desk.orders, frozenset({role}))
            for role, person in desk.members.items()
        ),
        AtTheCompanys("all roles, company", outside, desk.company, everything),
        Situation("all roles outside the compartment", outside, desk.orders),
        Situation("of the company that asks", browser(desk.inside), desk.company),
        Situation("of a company that was sold", sold, desk.company),
        Situation("of a company, before an order", sold, desk.orders),
        Situation("signed out", Client(), desk.orders, signed_in=False),
    ]


def test_the_matrix_holds_for_every_kind(desk: OtherKinds, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row for row in matrix() if row.state in USUAL and (row.roles or row.method == "POST")]
    people = situations(desk)
    nothing = {
        person.name: {
            row.method: bare(ask(person.client, row, ABSENT), ABSENT)
            for row in rows
            if row.what in {"request", "submit"}
        }
        for person in people
    }
    results = []
    for person in people:
        signs_in_again(person.client)
        results += [
            try_one(person, row, nothing[person.name]) for row in rows if row.state in person.requests
        ]
    taken = sum(was_taken for was_taken, _ in results)
    with capsys.disabled():
        print(
            f"\naccess matrix, companies and orders: {len(results):,} cells "
            f"({len(rows)} rows × {len(people)} situations); {taken} steps were taken"
        )
    assert [wrong for _, wrong in results if wrong] == []
    assert taken > 60, "most steps were objected to, so little was proved of those who may"
