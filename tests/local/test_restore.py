"""The backup of docs/operations.md, taken and restored as it is written there."""

import os
import subprocess
from pathlib import Path

from django.db import transaction

from audit.entries import SYSTEM, append
from audit.models import Checkpoint, Leaf, Log
from audit.sequencer import Sequencer
from cpdisclose.local.postgres import SUPERUSER, find_binaries
from tests.audit.conftest import default_connection
from tests.conftest import Database

RESTORED = "cpd_restored"
OWNERS_AND_RIGHTS = """
SELECT relname, pg_get_userbyid(relowner), relacl::text,
    (SELECT array_agg(tgname || tgenabled::text ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)
FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v') ORDER BY relname
"""


def _sequence_one_more_entry() -> None:
    with transaction.atomic():
        append(event="log.heartbeat", actor=SYSTEM)
    Sequencer(Log.MAIN).drain()


def _run(*command: str) -> None:
    path = f"{find_binaries()}:{os.defpath}"
    done = subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_restored_backup_has_its_owners_rights_and_triggers_and_its_log_goes_on(
    committed_db: Database, tmp_path: Path
):
    dump = str(tmp_path / "cpdisclose.dump")
    cluster, restored = committed_db.cluster, Database(committed_db.cluster, RESTORED)
    with default_connection(committed_db, "sequencer"):
        _sequence_one_more_entry()
    _run("pg_dump", "-Fc", "-f", dump, "-d", committed_db.url("owner"))
    cluster.create_database(RESTORED, mark="")
    try:
        _run("pg_restore", "--exit-on-error", "-d", restored.url(SUPERUSER), dump)
        found = []
        for database in (committed_db, restored):
            with database.connect(SUPERUSER) as connection:
                found.append(connection.execute(OWNERS_AND_RIGHTS).fetchall())
        assert len(found[0]) > 40
        assert found[0] == found[1]
        with default_connection(restored, "sequencer"):
            before = Leaf.objects.filter(log=Log.MAIN).count()
            _sequence_one_more_entry()
            assert Leaf.objects.filter(log=Log.MAIN).count() == before + 1
            assert Checkpoint.objects.filter(log=Log.MAIN, size=before + 1).exists()
    finally:
        cluster.drop_database(RESTORED)
