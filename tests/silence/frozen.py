"""One instant and one stream of chance for both worlds, so that nothing has to be left out of a comparison.

Tokens, nonces, keys of forms and references are drawn from the operating system. Here that source is replaced,
in the test's own process, by one that begins anew where it is told to: production code has no seam for it.
"""

import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime

import pytest
import time_machine

from cpdisclose.local.postgres import SUPERUSER
from tests.conftest import Database

# The old function keeps its number, and callers that were planned before keep it; so both names are given anew.
FREEZE = """
SET allow_system_table_mods = on;
ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO clock_timestamp_of_the_machine;
CREATE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS $$SELECT '{at}'::timestamptz$$;
GRANT EXECUTE ON FUNCTION pg_catalog.clock_timestamp() TO PUBLIC;
"""


class Chance:
    """Bytes that look random and follow from the seed alone."""

    def __init__(self) -> None:
        self.begin("")

    def begin(self, seed: str) -> None:
        self.seed, self.drawn = seed, 0

    def __call__(self, size: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(f"{self.seed} {self.drawn}".encode()).digest(size)


@contextmanager
def standing_still(at: datetime, seed: str = "") -> Iterator[Chance]:
    """Inside, it is always `at`, and chance begins at the seed."""
    chance = Chance()
    chance.begin(seed)
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(at, tick=False):
        patch.setattr(random, "_urandom", chance)
        patch.setattr(os, "urandom", chance)
        yield chance


def stop_the_clock(database: Database, at: datetime) -> None:
    """The database's own clock too: it dates the entries of the log, which the auditor reads."""
    with closing(database.cluster.connect(SUPERUSER, database.name)) as superuser:
        superuser.execute(FREEZE.format(at=at.isoformat()))
