"""After many requests are destroyed: every proof holds, and nothing of them is in any byte that is left.

KEEP_CASES says how many (60 if it does not). A tenth walk the whole road, the rest are recorded and withdrawn.
"""

import logging
import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import pytest
from django.core.management import call_command

from audit import verifier
from audit.logs import origin, verifiers
from audit.models import Entry, Log, Payload
from audit.payload import payload_context
from audit.proving import prove_entry
from audit.sequencer import Sequencer
from cpdisclose.local.postgres import SUPERUSER
from cpdisclose.local.valkey import Valkey
from disclosures.demo import Road, sample_intake
from disclosures.models import AccessRequest, Request
from disclosures.services import accounting
from disclosures.services.destroying import destroy_what_was_confirmed
from disclosures.services.disposing import confirm_disposal, propose_disposal
from disclosures.services.intake import Intake, SubjectInput
from disclosures.services.on_file import attach_document
from disclosures.states import Action, State
from sealing import boxes, keys
from sealing.models import DataKey
from tests.accounting import destroy_access
from tests.audit.conftest import default_connection
from tests.brokers import broker_at
from tests.conftest import Database
from tests.disposal_desk import later
from tests.world import World, make_world

from .test_sealed_dump import Listener, dump, typed_in

pytestmark = pytest.mark.committed
CASES = int(os.environ.get("KEEP_CASES") or 60)
WINDOW = 12
DEAD = (
    "SELECT coalesce(sum(n_dead_tup), 0) FROM pg_stat_all_tables WHERE schemaname IN ('public', 'pg_toast')"
)


@dataclass
class Canaries:
    """`words`: what was typed of them; `raw`: keys bare and wrapped, salts, and the boxes of the log's values."""

    words: set[str] = field(default_factory=set)
    raw: set[bytes] = field(default_factory=set)

    def needles(self) -> set[bytes]:
        """Lines to look for: words in clear, bytes as they are and in hex."""
        found = {word.encode() for word in self.words if len(word) > 7 and "\n" not in word}
        for blob in self.raw:
            found.add(blob[:24].hex().encode())
            found |= set(windows(blob))
        return found


def windows(blob: bytes) -> Iterator[bytes]:
    """One stretch that grep can take as a line."""
    for start in range(len(blob) - WINDOW + 1):
        piece = blob[start : start + WINDOW]
        if b"\n" not in piece and b"\0" not in piece:
            yield piece
            return


class CanaryRoad(Road):
    """Everything typed in bears the request's number, and nothing of it stands anywhere else."""

    typed: set[str]

    def record(self, *, restricted: bool = False, **changes: object) -> Request:
        own = canary(sample_intake(self.body, self.now - self.age, self.number), self.number)
        given = {f.name: getattr(own, f.name) for f in fields(own)} | changes
        self.typed = set(unlike_the_others(typed_in(Intake(**given)), self.number))
        return super().record(restricted=restricted, **given)


def canary(intake: Intake, number: int) -> Intake:
    mark = f"{number:04d}"
    person = SubjectInput(
        status="SUSPECT", name=f"Canary Person-{mark}", born_on=f"19{number % 80 + 10}-0{number % 9 + 1}-1{number % 9}",
        phone=f"07700 9{mark}1", email=f"canary-{mark}@example.org", account_number=f"CNRY-{mark}-77",
        address=f"{mark} Canary Row, Exampleton",
    )  # fmt: skip
    return replace(
        intake,
        subjects=(person,),
        summary=f"Canary summary {mark}: took a bicycle.",
        necessity=f"Canary necessity {mark}: no other trace.",
        offence=f"Canary offence {mark}",
        crime_reference=f"NS/CANARY/{mark}",
        requester=replace(intake.requester, number=f"PC-CNRY-{mark}"),
        countersigner=replace(intake.countersigner, number=f"IN-CNRY-{mark}"),
    )


def unlike_the_others(texts: Iterable[str], number: int) -> Iterator[str]:
    mark = f"{number:04d}"
    return (text for text in texts if mark in text or text.startswith("19"))


def walk(world: World, canaries: Canaries) -> Request:
    world.made += 1
    road = CanaryRoad(world.people, world.police, world.now, number=world.made)
    if world.made % 10 == 0:
        request = road.to(State.CLOSED)
        attach_document(
            request_id=request.pk, purpose="PAPER", name=f"canary-{world.made:04d}.pdf",
            content=b"%PDF-1.7 canary document " + str(world.made).encode(), actor=world["handler"], now=world.now,
        )  # fmt: skip
    else:
        road.record()
        road.step("clerk", Action.WITHDRAW, reason=f"Canary reason {world.made:04d}.")
        request = road.step("handler", Action.CLOSE)
    canaries.words |= road.typed | {f"Canary reason {world.made:04d}."}
    return Request.objects.get(pk=request.pk)


def ask_access(world: World, canaries: Canaries) -> AccessRequest:
    """A person's own request, answered: what they gave, how they were known, what was decided and what was told."""
    mark = "canary-access-7301"
    given = {
        "name": f"Canary Asker {mark}", "born_on": "1931-07-13", "account_number": f"CNRY-{mark}",
        "phone": "07700 973011", "email": f"{mark}@example.org", "reply_to": f"{mark} Row, Exampleton",
    }  # fmt: skip
    police = world.request_in(State.RELEASED)
    act = {"access_id": 0, "now": world.now}
    access = accounting.record_access(
        given=accounting.AccessInput(channel="POST", received_at=world.now, **given),
        actor=world["clerk"], now=world.now,
    )  # fmt: skip
    act["access_id"] = access.pk
    note, why = f"Canary note {mark}.", f"Canary reason {mark}."
    accounting.record_identity(how="ADDRESS", note=note, actor=world["handler"], **act)
    accounting.extend_access(reason=f"Canary extension {mark}.", actor=world["handler"], **act)
    accounting.record_considered(why=why, actor=world["dpo"], **act)
    accounting.tell_of(reference=police.reference, position=1, actor=world["dpo"], **act)
    accounting.propose_access_answer(actor=world["handler"], **act)
    access.refresh_from_db()
    canaries.raw.add(bytes.fromhex(access.digest))
    canaries.words |= {
        *given.values(),
        note,
        why,
        f"Canary extension {mark}.",
        f"Dear Canary Asker {mark}",
        access.digest,
    }
    accounting.approve_access_answer(seen=access.digest, actor=world["approver"], **act)
    note_the_keys_of(access.data_key, access.ref, canaries)
    return access


def note_the_keys(requests: Iterable[Request], canaries: Canaries) -> None:
    for request in requests:
        note_the_keys_of(request.data_key, request.reference, canaries)


def note_the_keys_of(whole: DataKey, ref: str, canaries: Canaries) -> None:
    for key in [*DataKey.objects.filter(parent=whole).select_related("parent"), whole]:
        canaries.raw |= {keys.material(key), bytes(key.wrapped or b"")[13:]}
    rows = Payload.objects.filter(entry__object_ref=ref).select_related("entry")
    for row in rows:
        place = payload_context(
            origin=origin(row.entry.log), entry_id=row.entry_id, event=row.entry.event, name=row.name
        )
        key = DataKey.objects.select_related("parent").get(ref=boxes.key_ref(bytes(row.box)))
        canaries.raw |= {boxes.open_bytes(key, bytes(row.box), place)[:32], bytes(row.box)[29:]}


def sign(database: Database) -> None:
    with default_connection(database, "sequencer"):
        for log in Log.values:
            Sequencer(log).drain()


def hits(needles: Path, *places: Path) -> set[bytes]:
    """What of the needles is in these files, by grep's fixed strings."""
    command = ["grep", "-r", "-a", "-h", "-o", "-F", "-f", str(needles), *map(str, places)]
    found = subprocess.run(
        command, capture_output=True, check=False, env={"LC_ALL": "C", "PATH": os.environ["PATH"]}
    )
    assert found.returncode in {0, 1}, found.stderr[:500]
    return set(found.stdout.splitlines())


def swept(database: Database) -> Path:
    """The folder of this database's files, once old row versions are gone from them.

    VACUUM FULL alone keeps every row that died after the oldest transaction of the whole cluster began, other
    databases' included, for it holds a snapshot of its own. A plain VACUUM holds none and asks this database only.
    """
    with database.connect(SUPERUSER) as connection:
        for _ in range(600):
            connection.execute("VACUUM")
            if dead := connection.execute(DEAD).fetchone() == (0,):
                break
            time.sleep(0.1)  # an automatic ANALYZE here still sees them
        assert dead, "old row versions cannot go"
        connection.execute("VACUUM FULL")
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert row
    return database.cluster.data / "base" / str(row[0])


@contextmanager
def a_long_transaction_elsewhere(database: Database) -> Iterator[None]:
    """Other databases of the cluster are never at rest, and must not keep the dead of this one in its files."""
    with database.cluster.connect(SUPERUSER, SUPERUSER) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT txid_current()")
        yield


@pytest.fixture
def told_to_the_broker(tmp_path: Path) -> Iterator[Path]:
    """The folder of a broker from which nobody fetches: its append-only file keeps every message whole."""
    folder = tmp_path / "broker"
    folder.mkdir()
    server = Valkey(folder)
    server.start()
    try:
        with broker_at(server.url):
            yield folder
    finally:
        server.stop()


def test_nothing_of_what_was_destroyed_is_left_and_every_proof_holds(
    committed_db: Database, told_to_the_broker: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listener, root = Listener(), logging.getLogger()
    root.addHandler(listener)
    world, canaries = make_world(), Canaries()
    kept, kept_words = [], Canaries()
    requests = []
    for number in range(CASES):
        requests.append(walk(world, canaries))
        if number % 20 == 0:
            kept.append(walk(world, kept_words))
    note_the_keys(requests, canaries)
    access = ask_access(world, canaries)
    sign(committed_db)
    with default_connection(committed_db, "auditor"):
        before = {
            entry.pk: prove_entry(entry.log, entry.pk).text()
            for request in requests[::10]
            for entry in Entry.objects.filter(object_ref=request.reference)
        }
        before |= {
            entry.pk: prove_entry(entry.log, entry.pk).text()
            for entry in Entry.objects.filter(object_ref=access.ref)
        }
    needles = tmp_path / "needles"
    needles.write_bytes(b"\n".join(sorted(canaries.needles())) + b"\n")
    with committed_db.connect(SUPERUSER) as connection:
        connection.execute("ANALYZE")  # as it comes by itself some minutes later
    control = hits(needles, swept(committed_db))
    assert len(control) > CASES, "a search that finds no key before it is erased would prove nothing"

    with a_long_transaction_elsewhere(committed_db):
        for request in requests:
            row = propose_disposal(
                request_id=request.pk, batch="d_canary", actor=world["release"], now=later(world)
            )
            confirm_disposal(disposal_id=row.pk, actor=world["head"], now=later(world))
        assert destroy_what_was_confirmed(now=later(world)) == CASES
        assert destroy_access(world, access).digest
        assert hits(needles, swept(committed_db)) == set()
    sign(committed_db)

    for log in Log.values:
        call_command("audit", "verify", "--open", "--log", log)
    exports = tmp_path / "exports"
    with default_connection(committed_db, "auditor"):
        for log in Log.values:
            call_command("audit", "export", "--log", log, str(exports / log))
        for entry_id, text in before.items():
            entry = Entry.objects.get(pk=entry_id)
            now = prove_entry(entry.log, entry_id).text()
            for proof in (text, now):
                check_by_the_outsiders_program(tmp_path, entry.log, proof, bytes(entry.body))

    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "dump.sql").write_text(dump(committed_db))
    (texts / "log").write_text("\n".join(listener.lines))
    (texts / "output").write_text("".join(capsys.readouterr()))
    root.removeHandler(listener)
    bells = tmp_path / "bells"
    bells.write_text("disclosures.deliver\naudit.sequence\n")
    assert len(hits(bells, told_to_the_broker)) == 2, "a broker that heard nothing would prove nothing"
    files = swept(committed_db)
    assert hits(needles, files) == set()
    assert hits(needles, texts, exports, told_to_the_broker) == set()
    with committed_db.connect(SUPERUSER) as connection:
        row = connection.execute("SELECT count(*) FROM sealing_datakey WHERE wrapped IS NULL").fetchone()
    assert row
    assert (
        row[0] == 2 * CASES + 1
    )  # a request's and its person's, and the one of who asked what is held of them
    assert all(keys.material(request.data_key) for request in kept), "others can still be read"
    with capsys.disabled():
        print(
            f"\n{CASES} destroyed; {len(canaries.needles())} needles, {len(control)} found before, none after"
        )


def check_by_the_outsiders_program(folder: Path, log: str, proof: str, body: bytes) -> None:
    (folder / "entry").write_bytes(body)
    (folder / "entry.tlog-proof").write_text(proof)
    key = [word for known in verifiers(log) for word in ("--key", known.vkey)]
    given = ["proof", str(folder / "entry.tlog-proof"), "--entry", str(folder / "entry"), *key]
    verifier.check(verifier.arguments().parse_args(given))
