"""Who may do what in which state, through HTTP, against a table that is kept by hand.

`tests/rules/access_matrix.csv`: a row for each arrow (POST) and each page (GET) of each state, with the roles
that may. A page is there (200) or is not (404). A step is taken (302), objected to by a guard in words (422),
or not there (404). Everybody whose role is not named, and everybody to whom the request is not there, gets the
very 404 that a request which never was gets. What is nobody's in a state is tried by somebody with every role.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from accounts.models import User
from accounts.roles import CONTROLLER_ROLES, Role
from cpdisclose.local.postgres import Cluster
from disclosures import urls
from disclosures.models import Request
from disclosures.states import Action, State
from disclosures.workflow import TRANSITIONS
from tests.accounts.conftest import enrol
from tests.every_state import Everything, desk_with_everything, undone
from tests.signed_in import just_signed_in, signs_in_again

pytestmark = pytest.mark.long

MATRIX = Path(__file__).resolve().parent.parent / "rules" / "access_matrix.csv"
ABSENT = "CP-2222-2222"
# Roles that never touch a request by these pages: the data holder has the search tasks, an auditor the log.
NEVER = {Role.GROUP_SUBMITTER, Role.DATA_HOLDER, Role.AUDITOR, Role.ADMIN}
# Addresses with a reference that are no rows: a step is the POST rows; a print is there once its letter is, a
# receipt once its step is (tests/web/test_receipts.py).
OTHERWISE = {"take-step", "letter-print", "document", "watch", "receipt"}
# A company's own people have these; tests/web/test_company.py tries them.
COMPANY = {
    f"company-{name}"
    for name in ("request", "messages", "check", "result", "repeat", "end", "step", "people", "receipt")
}
# New on each page: the token; the page's own address, for the way back; and so the length.
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
ECHO = re.compile(rb'name="next" value="[^"]*"')
HERE, NOT_THERE, SIGN_IN = "here", "not there", "sign in"


@dataclass(frozen=True)
class Row:
    """`what` is an action, or a page's name and perhaps the letter's purpose."""

    state: State
    method: str
    what: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Situation:
    """Somebody, and the requests they are tried on. `roles` is what the matrix is asked for; none: nothing is there."""

    name: str
    client: Client
    requests: Mapping[State, Request]
    roles: frozenset[str] = frozenset()
    signed_in: bool = True

    def expects(self, row: Row) -> str:
        if not self.signed_in:
            return SIGN_IN
        return HERE if self.roles & row.roles else NOT_THERE


def matrix() -> tuple[Row, ...]:
    with MATRIX.open(newline="") as lines:
        return tuple(
            Row(
                State(row["state"]),
                row["method"],
                row["what"],
                frozenset(filter(None, row["roles"].split(";"))),
            )
            for row in csv.DictReader(lines)
        )


def slug(action: Action) -> str:
    return action.lower().replace("_", "-")


# The table is whole ------------------------------------------------------------------------------


def test_the_matrix_has_every_arrow_and_no_other() -> None:
    rows = [(row.state, row.what) for row in matrix() if row.method == "POST"]
    assert sorted(rows) == sorted((arrow.source, slug(arrow.action)) for arrow in TRANSITIONS)


def test_the_matrix_has_every_page_in_every_state() -> None:
    rows = [(row.state, row.what) for row in matrix() if row.method == "GET"]
    pages = {what for _, what in rows}
    assert sorted(rows) == sorted((state, page) for state in State for page in pages)
    named = {str(pattern.name) for pattern in urls.urlpatterns if "<ref:reference>" in str(pattern.pattern)}
    assert {page.partition(" ")[0] for page in pages} | OTHERWISE | COMPANY == named


def test_the_matrix_knows_every_role() -> None:
    named = {role for row in matrix() for role in row.roles}
    assert named | NEVER == set(Role)
    assert named & NEVER == set()


def test_the_clocks_own_steps_are_nobodys() -> None:
    assert {row.roles for row in matrix() if row.what == slug(Action.EXPIRE)} == {frozenset()}


# Through HTTP --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Everything]:
    with django_db_blocker.unblock(), desk_with_everything(cluster) as made:
        yield made


def browser(user: User) -> Client:
    """Signed in, with a second factor; how that is done, tests/accounts shows."""
    enrol(user)
    return just_signed_in(user)


def situations(desk: Everything) -> list[Situation]:
    """Each role as a colleague and as a member of the compartment; and those to whom nothing is there.

    The excluded person holds every role, and stands outside every compartment.
    """
    found = [
        *(
            Situation(f"colleague {role}", browser(person), desk.plain, frozenset({role}))
            for role, person in desk.colleagues.items()
        ),
        *(
            Situation(f"member {role}", browser(person), desk.secret, frozenset({role}))
            for role, person in desk.members.items()
        ),
    ]
    excluded = browser(desk.excluded)
    return [
        *found,
        Situation("excluded", excluded, desk.plain),
        Situation("outside the compartment", excluded, desk.secret),
        Situation("superuser", browser(desk.superuser), desk.plain),
        Situation("of another company", browser(desk.elsewhere), desk.plain),
        Situation("signed out", Client(), desk.plain, signed_in=False),
    ]


def ask(client: Client, row: Row, reference: str, seen: str = "") -> HttpResponse:
    if row.method == "POST":
        data = {"key": str(uuid4()), "reason": "The reason of the matrix.", "seen": seen}
        return client.post(reverse("disclosures:take-step", args=[reference, row.what]), data)
    name, *purpose = row.what.split(" ")
    return client.get(reverse(f"disclosures:{name}", args=[reference, *purpose]))


def answer(response: HttpResponse, row: Row, reference: str) -> str:
    """What the answer means; a step that was taken must stand the triggers that wait for a commit."""
    status, to = response.status_code, response.headers.get("Location", "")
    if status == 404:
        return NOT_THERE
    if status == 302 and to.startswith("/account/login/"):
        return SIGN_IN
    if row.method == "POST" and status == 302 and to == reverse("disclosures:request", args=[reference]):
        connection.check_constraints()
        return HERE
    if status == (422 if row.method == "POST" else 200):
        return HERE
    return f"{status} {to}"


Bare = tuple[bytes, dict[str, str]]


def bare(response: HttpResponse, reference: str) -> Bare:
    """The answer without what was asked for and without the token that is new on each page."""
    text = ECHO.sub(b"", TOKEN.sub(b"", response.content.replace(reference.encode(), b"")))
    return text, {name: value for name, value in response.headers.items() if name != "Content-Length"}


def try_one(person: Situation, row: Row, nothing: Mapping[str, Bare]) -> tuple[bool, str]:
    """Whether a step was taken, and what was wrong."""
    request = person.requests[row.state]
    person.client.cookies.pop("messages", None)  # what an earlier step said is not part of this answer
    with undone():
        response = ask(person.client, row, request.reference, request.proposal_digest)
        found = answer(response, row, request.reference)
    where = f"{person.name}: {row.method} {row.what} in {row.state}"
    if found != person.expects(row):
        return False, f"{where}: {found}, not {person.expects(row)}"
    if found == NOT_THERE and bare(response, request.reference) != nothing[row.method]:
        return False, f"{where}: this 404 is not the one of an absent request"
    return found == HERE and response.status_code == 302, ""


def test_everybody_finds_what_the_matrix_says_and_nothing_else(
    desk: Everything, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = matrix()
    somebodys = [row for row in rows if row.roles or row.method == "POST"]
    people = situations(desk)
    all_roles = Situation("all roles", browser(desk.all_roles), desk.plain, frozenset(CONTROLLER_ROLES))
    tried = [(person, row) for person in people for row in somebodys] + [(all_roles, row) for row in rows]
    nothing = {
        person.name: {
            row.method: bare(ask(person.client, row, ABSENT), ABSENT)
            for row in rows
            if row.what in {"request", "submit"}
        }
        for person in (*people, all_roles)
    }
    results = []
    for person, rows_of_one in groupby(tried, key=lambda pair: pair[0]):
        signs_in_again(person.client)
        results += [try_one(person, row, nothing[person.name]) for _, row in rows_of_one]
    taken = sum(was_taken for was_taken, _ in results)
    with capsys.disabled():
        print(f"\naccess matrix: {len(tried):,} cells ({len(somebodys)} rows × {len(people)} situations, and {len(rows)} rows"
              f" × all roles in one); {taken} steps were taken")  # fmt: skip
    assert [wrong for _, wrong in results if wrong] == []
    assert len(tried) == len(somebodys) * (len(CONTROLLER_ROLES) + len(desk.members) + 5) + len(rows)
    assert taken > 100, "most steps were objected to, so little was proved of those who may"
