"""A desk of real processes in each file: a server of its own if the file kills it, else a copy of the template."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from accounts.services import add_second_factor
from cpdisclose.local.postgres import Cluster
from cpdisclose.local.valkey import Valkey
from tests.conftest import a_cluster, cloned
from tests.world import World, make_world, now

from .desk import Desk
from .visitor import secret_of

# The web process knows production's hasher only.
HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
OpenDesk = Callable[..., AbstractContextManager[tuple[Desk, World]]]


@pytest.fixture(scope="session")
def static_root() -> Iterator[Path]:
    """The page assets, collected once as for production."""
    folder = Path(tempfile.mkdtemp(prefix="cpd-assets-"))
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "cpdisclose.settings", "STATIC_ROOT": str(folder)}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--skip-checks", "--verbosity=0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=env, check=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def broker() -> Iterator[Valkey]:
    folder = Path(tempfile.mkdtemp(prefix="cpd-broker-"))
    server = Valkey(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def open_desk(
    cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker, static_root: Path
) -> OpenDesk:
    """A desk in office: everybody can sign in, nothing runs yet. `own_server`: the test may kill PostgreSQL."""

    @contextmanager
    def open_one(broker: str, *, own_server: bool = False) -> Iterator[tuple[Desk, World]]:
        folder = Path(tempfile.mkdtemp(prefix="cpd-desk-"))
        try:
            with (
                django_db_blocker.unblock(),
                _server(cluster, own_server) as server,
                cloned(server) as database,
            ):
                desk = Desk(database, broker=broker, folder=folder, static_root=static_root)
                try:
                    yield desk, _people()
                finally:
                    desk.stop()
        finally:
            shutil.rmtree(folder)

    return open_one


@contextmanager
def _server(shared: Cluster, own: bool) -> Iterator[Cluster]:
    if own:
        with a_cluster() as server:
            yield server
    else:
        yield shared


def _people() -> World:
    with override_settings(PASSWORD_HASHERS=HASHERS):
        world = make_world()
    for user in world.people.values():
        add_second_factor(user_id=user.pk, secret=secret_of(user), actor=None, now=now())
    return world
