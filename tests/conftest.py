"""A real PostgreSQL for the tests: `owner` migrates once, every test connects as `app`.

A test with the fixture `db` (or the mark `django_db`) is rolled back. A test marked `committed` gets a
database of its own, made from the migrated template, with real commits and every production trigger.
"""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from environ import Env
from pytest_django import DjangoDbBlocker

from cpdisclose.local.locks import exclusive
from cpdisclose.local.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".local" / "testcache"
KEPT = 3
TEMPLATE = "cpd_template"
TEST_TRANSACTION = "15min"


@dataclass(frozen=True)
class Database:
    """One database of the tests' cluster, reachable as each role."""

    cluster: Cluster
    name: str

    def url(self, role: str) -> str:
        return self.cluster.url(role, self.name)

    def connect(self, role: str, *, autocommit: bool = True) -> psycopg.Connection:
        return self.cluster.connect(role, self.name, autocommit=autocommit)


def _fingerprint() -> str:
    """Changes whenever a migrated database made today would differ from the one that was kept."""
    found = hashlib.sha256()
    sources = [
        *sorted(ROOT.glob("*/migrations/*.py")),
        *sorted(ROOT.glob("*/apps.py")),
        *(ROOT / "cpdisclose" / "local" / name for name in ("postgres.py", "database.sql")),
        ROOT / "cpdisclose" / "settings.py",
        ROOT / "requirements-dev.txt",
        Path(__file__),
    ]
    for path in sources:
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    found.update(sys.version.encode())
    return found.hexdigest()[:16]


def _migrated(cluster: Cluster) -> None:
    cluster.create_database(TEMPLATE, mark=settings.DATABASE_MARK)
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity=0"],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": cluster.url("owner", TEMPLATE)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.exit(f"The migrations failed, so no test can run.\n{done.stdout}{done.stderr}", returncode=1)


def _cluster(home: Path) -> Cluster:
    """Copied from the cache in a moment, or made and kept there for the next run."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with exclusive(CACHE / "lock"):
        kept = CACHE / _fingerprint()
        if not kept.exists():
            fresh = Cluster(home, fast=True)
            fresh.create()
            fresh.start()
            try:
                fresh.create_roles()
                _migrated(fresh)
            finally:
                fresh.stop()
            half = CACHE / f"half-{secrets.token_hex(4)}"
            fresh.copy_to(half)
            half.rename(kept)
            for older in sorted(CACHE.glob("*/data"), key=os.path.getmtime)[:-KEPT]:
                shutil.rmtree(older.parent)
            return fresh
        os.utime(kept / "data")
        return Cluster(kept, fast=True).copy_to(home)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes comes first: begun last, it would leave every other worker idle until it ends."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@contextmanager
def a_cluster() -> Iterator[Cluster]:
    """A server of the caller's own, with the migrated template in it."""
    folder = Path(tempfile.mkdtemp(prefix="cpd-tests-"))
    folder.chmod(0o711)
    try:
        running = _cluster(folder / "cluster")
        running.start()
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with a_cluster() as running:
        yield running


@contextmanager
def cloned(cluster: Cluster, template: str = TEMPLATE) -> Iterator[Database]:
    """The default connection points at a new copy of the template for as long as this lasts."""
    name = f"cpd_{secrets.token_hex(6)}"
    cluster.create_database(name, mark=settings.DATABASE_MARK, template=template)
    default = settings.DATABASES["default"]
    before = {key: default[key] for key in ("NAME", "USER", "PASSWORD", "OPTIONS")}
    fresh = Env.db_url_config(cluster.url("app", name))
    default.update({key: fresh[key] for key in before})
    # Of the app role's own limit: a test that is rolled back is one transaction, however many requests it makes.
    default["OPTIONS"] = {**fresh["OPTIONS"], "options": f"-c transaction_timeout={TEST_TRANSACTION}"}
    connections["default"].close()
    try:
        yield Database(cluster, name)
    finally:
        connections["default"].close()
        default.update(before)
        cluster.drop_database(name)


@pytest.fixture(scope="session")
def django_db_setup(cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of pytest-django's: no test runner makes databases here, and none migrates as `app`."""
    with django_db_blocker.unblock(), cloned(cluster):
        yield


@pytest.fixture
def committed_db(
    cluster: Cluster,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    request: pytest.FixtureRequest,
) -> Iterator[Database]:
    """A database of this test's own, with real commits; the default connection (as `app`) points at it."""
    if {"db", "transactional_db"} & set(request.fixturenames):
        raise pytest.UsageError("A committed test has its own database: leave out `db` and `django_db`.")
    with django_db_blocker.unblock(), cloned(cluster) as database:
        yield database


@pytest.fixture(autouse=True)
def _committed(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("committed"):
        request.getfixturevalue("committed_db")
