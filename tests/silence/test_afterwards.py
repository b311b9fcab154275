"""Once a secret has lived its life, public life goes on as if it had not: mails, logs, files, numbers, messages."""

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, fields

import pytest
from django.apps import apps
from django.core.management import get_commands
from pytest_django import DjangoDbBlocker

from audit.hooks import digested
from cpdisclose.local.postgres import SUPERUSER, Cluster
from disclosures.models import Request
from disclosures.selectors.proposal import proposal_digest
from disclosures.states import State
from tests.audit.conftest import default_connection
from tests.conftest import Database, cloned

from .afterwards import Days, live_on
from .conftest import Worlds
from .leaking import LEAKS, a_number_out_of_a_table
from .life import SHEET
from .routes import ROUTES, Places
from .watching import Looks, Watcher, leaks, report

# Every command of ours, and why what it says is the same in both worlds.
COMPARED = "what it says or writes is compared"
COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("audit", "audit_pack", "sweep", "import_requests"), COMPARED),
    **dict.fromkeys(("add_person", "new_password", "set_up", "totp", "import_holidays", "import_preferences"), "it reads people and organisations, and no request"),
    **dict.fromkeys(("check_catalogue", "generate_docs", "deadline", "load_reference", "load_policy"), "it reads the catalogue and the calendar"),
    "rotate_keys": "it is run by whoever holds the master keys, and they can read everything",
    "seed_demo": "it makes the demonstration, on the machine that owns the database",
}  # fmt: skip
OURS = ("accounts", "audit", "disclosures", "privacy", "sealing", "cpdisclose")


# What the log lists stands there by its number, which is drawn by chance: its entries are compared without pages.
BY_CHANCE = {"audit:log", "audit:export", "audit:checkpoints"}


@dataclass(frozen=True)
class Lived:
    """The same days, lived in copies of both worlds, and once more in one where the desk leaks in every way."""

    without: Database
    within: Database
    leaky: Database
    quiet: Days
    secret: Days
    leaking: Days


@pytest.fixture(scope="module")
def lived(
    worlds: Worlds, cluster: Cluster, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lived]:  # fmt: skip
    folder = tmp_path_factory.mktemp("exports")
    templates = {"without": worlds.without, "within": worlds.last, "leaking": worlds.last}
    with django_db_blocker.unblock(), ExitStack() as kept:
        copies = {
            name: kept.enter_context(cloned(cluster, template=one.name)) for name, one in templates.items()
        }
        days = {}
        for name, copy in copies.items():
            with pytest.MonkeyPatch.context() as patch:
                for leak in dict.fromkeys(leak for leak, _ in LEAKS.values()) if name == "leaking" else ():
                    leak(patch)
                days[name] = live_on(worlds.public, copy, folder / name, SHEET)
        yield Lived(*copies.values(), *days.values())


PARTS = [part.name for part in fields(Days) if part.name != "public"]


@pytest.mark.parametrize("part", PARTS)
def test_the_days_after_leave_the_same_behind(lived: Lived, part: str) -> None:
    without, within = getattr(lived.quiet, part), getattr(lived.secret, part)
    if isinstance(without, Mapping):
        assert {name for name in {*without, *within} if without.get(name) != within.get(name)} == set()
    assert [one for one in without if one not in within] == []
    assert [one for one in within if one not in without] == []
    assert without == within
    assert without, "nothing happened"


@pytest.mark.parametrize("part", PARTS)
def test_a_desk_that_leaks_beside_its_pages_is_found_out(lived: Lived, part: str) -> None:
    """By the part where it leaks, and by the mark of that leak: it leaks in every way at once."""
    _, mark = LEAKS[part]
    quiet, leaking = (Counter(_each(getattr(days, part))) for days in (lived.quiet, lived.leaking))
    assert any(mark in one for one in leaking - quiet)


def _each(of: object) -> Iterator[str]:
    yield from (f"{name} {said}" for name, said in of.items()) if isinstance(of, Mapping) else map(str, of)  # type: ignore[call-overload]


def test_a_broker_hears_no_more_than_a_bell(lived: Lived) -> None:
    assert lived.secret.rung
    assert all(map(_is_a_bell, lived.secret.rung))
    assert not any(map(_is_a_bell, lived.leaking.rung))


def _is_a_bell(message: str) -> bool:
    _queue, task, payload = message.split(" ", 2)
    return task in {"audit.sequence", "disclosures.deliver"} and json.loads(payload)[:2] == [[], {}]


def test_the_pages_of_the_days_after_are_the_same(
    worlds: Worlds, watcher: Watcher, lived: Lived, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """With new rows beside the secret ones, so that a number out of a table would give itself away, and does."""
    public = lived.quiet.public
    assert [row.reference for row in public.requests.values()] == [
        row.reference for row in lived.secret.public.requests.values()
    ]
    wanted = [
        (who, asked)
        for route in ROUTES
        if route not in BY_CHANCE
        for asked in Places(public, worlds.secrets).plain(route)
        for who in ("all roles", "group company")[: 2 if ":company" in route else 1]
    ]
    with django_db_blocker.unblock():
        # The administration asks for some things but once in a process.
        watcher.look(lived.without, [pair for pair in wanted if pair[1].route.startswith("admin:")])
        without, within = watcher.look(lived.without, wanted), watcher.look(lived.within, wanted)
        found = leaks(without, within)
        assert not found, report(found)
        assert not _uuids(within) & _hidden_numbers(lived.within)
        request = [pair for pair in wanted if pair[1].route == "disclosures:request"]
        a_number_out_of_a_table(monkeypatch)
        assert leaks(watcher.look(lived.without, request), watcher.look(lived.within, request))


UUID = re.compile(rb"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


def _uuids(seen: Looks) -> set[str]:
    bodies = (zlib.decompress(answer.body) for answer in seen.values())
    return {found.decode().replace("-", "") for body in bodies for found in UUID.findall(body)}


def _hidden_numbers(database: Database) -> set[str]:
    """The random number of each sealed row."""
    sealed = [
        model for model in apps.get_models() if any(field.name == "seal_id" for field in model._meta.fields)
    ]
    with default_connection(database, "app"):
        return {
            one.hex for model in sealed for one in model._default_manager.values_list("seal_id", flat=True)
        }


def test_no_digest_in_the_log_can_be_tried(lived: Lived, django_db_blocker: DjangoDbBlocker) -> None:
    """Row numbers are in the digests of rows and of what was proposed, and a gap in them would tell of a secret. Whoever
    reads the log cannot try which they were: each digest hangs on a number of 122 random bits that is shown nowhere."""
    with django_db_blocker.unblock():
        # In the world whose pages nobody looks at: what is sealed there does not open afterwards.
        request = lived.leaking.public.requests[State.RELEASED]
        before = _digests_of(lived.leaky, request)
        with closing(lived.leaky.cluster.connect(SUPERUSER, lived.leaky.name)) as superuser:
            for table, column in (("request", "id"), ("officer", "request_id")):
                superuser.execute(f"ALTER TABLE disclosures_{table} DISABLE TRIGGER USER")
                change = f"UPDATE disclosures_{table} SET seal_id = gen_random_uuid() WHERE {column} = %s"
                assert superuser.execute(change, [request.pk]).rowcount
        after = _digests_of(lived.leaky, request)
        hidden = _hidden_numbers(lived.within)
    assert set(before) == {"decisions", "releases", "grants", "proposal"}
    assert {part for part, digest in after.items() if digest == before[part]} == set()
    told = {
        found.replace("-", "")
        for entries in lived.secret.main_log
        for found in re.findall(UUID.pattern.decode(), "".join(entries))
    }
    assert not told & hidden


def _digests_of(database: Database, request: Request) -> Mapping[str, str]:
    with closing(database.cluster.connect(SUPERUSER, database.name)) as superuser:
        rows = superuser.execute(
            "SELECT part, digest FROM audit_rows('request', %s, %s)",
            [digested()["request"], [request.reference]],
        ).fetchall()
    with default_connection(database, "app"):
        return {**dict(rows), "proposal": proposal_digest(Request.objects.get(pk=request.pk))}


def test_every_command_of_ours_is_in_the_list() -> None:
    ours = {name for name, app in get_commands().items() if app.partition(".")[0] in OURS}
    assert ours == set(COMMANDS)
