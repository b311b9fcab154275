"""kill -9 in the middle of a step, stalled at each table that it touches: the whole step is there, or nothing of it.

FAULT_RUNS: how often each point is visited.
"""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection

from cpdisclose.local.valkey import Valkey
from disclosures.services.changes import locked
from disclosures.services.steps import take_step
from disclosures.states import Action
from tests.world import PASSWORD, World, now

from .conftest import OpenDesk
from .desk import Desk, children_of, eventually, kill_database
from .ledger import Standing
from .shuttle import REASON, Shuttle, moved_once, next_action, plain, restricted
from .stalling import Point, points_of
from .visitor import Answer, Visitor, signed_in

pytestmark = pytest.mark.faults
RUNS = int(os.environ.get("FAULT_RUNS", "1"))
WRITTEN = {
    "disclosures_request", "disclosures_step", "disclosures_requestgroupgrant", "disclosures_requestusergrant",
    "disclosures_deadline", "disclosures_clockevent", "disclosures_outboxrow", "audit_entry", "audit_payload",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    desk: Desk
    world: World
    visitors: dict[str, Visitor]
    shuttles: tuple[Shuttle, ...]

    def standings(self) -> list[Standing]:
        return [shuttle.standing(self.desk) for shuttle in self.shuttles]

    def next_action(self) -> Action:
        (action,) = {next_action(found) for found in self.standings()}
        return action

    def points(self) -> list[Point]:
        """Where the next step touches a table, whichever of the requests takes it."""
        steps = [partial(self._take, shuttle, self.next_action()) for shuttle in self.shuttles]
        try:
            return points_of(*steps)
        finally:
            connection.close()

    def _take(self, shuttle: Shuttle, action: Action) -> None:
        actor = self.world[shuttle.who[action]]
        take_step(locked(shuttle.pk), action=action, actor=actor, now=now(), reason=REASON)


@dataclass
class Count:
    stalled: int = 0
    whole: int = 0


@pytest.fixture(scope="module")
def site(open_desk: OpenDesk, broker: Valkey) -> Iterator[Site]:
    with open_desk(broker.url, own_server=True) as (desk, world):
        web = ["-m", "gunicorn", "tests.faults.warm", "--preload", "-c", "python:cpdisclose.gunicorn"]
        desk.start(desk.command("web", [*web, "-b", f"127.0.0.1:{desk.port}"], ready=desk.is_up))
        visitors = {key: signed_in(desk.port, world[key], PASSWORD) for key in ("clerk", "handler", "mlro")}
        yield Site(desk, world, visitors, (plain(world), restricted(world)))


def kill_web(site: Site, _point: Point) -> None:
    """The process at work; gunicorn makes a new one."""
    for pid in children_of(site.desk.pid("web")):
        os.kill(pid, signal.SIGKILL)


def kill_server(site: Site, point: Point) -> None:
    """The whole server where something is written, else one process of it, for which it restarts all others."""
    if point.is_written:
        kill_database(site.desk.database)
        site.desk.database.cluster.launch()
    else:
        os.kill(min(site.desk.backends("web", stalled=True)), signal.SIGKILL)


@pytest.mark.parametrize(
    ("victim", "kill"), [("web", kill_web), ("database", kill_server)], ids=["web", "database"]
)
def test_a_step_killed_at_any_table_is_whole_or_nothing(
    site: Site,
    victim: str,
    kill: Callable[[Site, Point], None],
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    points, count = site.points(), Count()
    assert {point.table for point in points if point.is_written} == WRITTEN
    for point in points * RUNS:
        _visit(site, point, kill, count)
    said = f"{len(points)} points × {RUNS} runs, {count.stalled} stalled steps killed, {count.whole} of them whole"
    record_property(f"kill -9 of {victim}", said)
    with capsys.disabled():
        print(f"\nkill -9 of {victim}: {said}\n  at {', '.join(point.table for point in points)}")


def _visit(site: Site, point: Point, kill: Callable[[Site, Point], None], count: Count) -> None:
    before, action, keys = site.standings(), site.next_action(), [str(uuid4()) for _ in site.shuttles]
    with ThreadPoolExecutor(len(site.shuttles)) as threads:

        def post_all() -> list[Future[Answer | None]]:
            return [
                threads.submit(shuttle.post, site.visitors, action, key)
                for shuttle, key in zip(site.shuttles, keys, strict=True)
            ]

        with site.desk.locked(point.table, point.mode) as let_go:
            posts = post_all()
            count.stalled += _stalled(site, posts, point)
            served = site.desk.backends("web")
            kill(site, point)
            let_go()
        answers = [post.result() for post in posts]
        _recover(site, served)
        found = site.standings()
        for was, then, answer in zip(before, found, answers, strict=True):
            moved = moved_once(was, then, action)
            assert moved or then == was, f"half a step at {point}"
            assert moved or answer is None or answer.status == 500, (
                f"a step that was said to be taken at {point}"
            )
            count.whole += moved
        repeated = [post.result() for post in post_all()]
    assert [answer and answer.status for answer in repeated] == [302] * len(keys), site.desk.log("web")
    for was, then in zip(before, site.standings(), strict=True):
        assert moved_once(was, then, action), f"not one step at {point}"


def _stalled(site: Site, posts: list[Future[Answer | None]], point: Point) -> int:
    """Returns when each post waits for the lock or has its answer; at least one waits."""

    def waiting() -> int:
        return len(site.desk.backends("web", stalled=True))

    eventually(
        lambda: waiting() + sum(post.done() for post in posts) >= len(posts), f"all stand still at {point}"
    )
    found = waiting()
    assert found, f"nothing stalls at {point}"
    return found


def _recover(site: Site, served: set[int]) -> None:
    eventually(site.desk.database.cluster.answers, "the database answers")
    eventually(lambda: not served & site.desk.backends("web"), "nobody serves the dead any more")
    site.desk.await_ready("web")
