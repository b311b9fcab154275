"""Every attack is found, and the first bad index is named; what only an outside checkpoint shows is found by one.

ATTACK_VARIANTS and HONEST_RUNS say how often; `script/attacks` sets them high.
"""

import base64
import os
import random
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.conf import settings as django_settings
from django.db import connections, transaction
from psycopg import errors

from audit import payload, reconciling, verifying
from audit.entries import Actor, append
from audit.logs import origin, verifiers
from audit.models import Payload
from audit.note import NoteRefused, Signer
from audit.sequencer import Sequencer
from audit.stored import Refused
from audit.witness import Witness
from sealing import keys
from tests.conftest import ROOT, TEMPLATE, cloned

from . import attacks
from .conftest import default_connection, tampering, write
from .desk import make_office
from .log_desk import LogDesk
from .rewriting import cut
from .witness_desk import COSIGNER

VARIANTS = int(os.environ.get("ATTACK_VARIANTS", "10"))
HONEST_RUNS = int(os.environ.get("HONEST_RUNS", "100"))
VALUES = {"reason": "A long story", "name": "Somebody"}


@contextmanager
def connected(database):
    with database.connect("owner") as owner:
        desk = LogDesk(database, owner)
        desk.sizes = [
            row[0]
            for row in owner.execute("SELECT size FROM audit_checkpoint WHERE log = 'main' ORDER BY size")
        ]
        yield desk


@pytest.fixture(scope="module")
def filled(cluster, django_db_setup, django_db_blocker):
    """The name of a database with an office, sealed values and some 800 entries under seven checkpoints."""
    name = f"cpd_attacked_{secrets.token_hex(4)}"
    cluster.create_database(name, mark=django_settings.DATABASE_MARK, template=TEMPLATE)
    with django_db_blocker.unblock(), cloned(cluster) as database, connected(database) as desk:
        make_office()
        with transaction.atomic():
            for number in range(6):
                append(
                    event="folder.viewed",
                    actor=Actor("u_ann"),
                    commits={key: f"{value} {number}" for key, value in VALUES.items()},
                    key=keys.new_key(),
                )
        desk.write(40, 300, 7, 200, 25, 130, 90)
        connections["default"].close()
        desk.owner.close()
        cluster.drop_database(name)
        cluster.create_database(name, mark=django_settings.DATABASE_MARK, template=database.name)
        yield name
        cluster.drop_database(name)
        # `cloned` drops the first one.


@pytest.fixture
def attacked(cluster, filled, django_db_blocker):
    """A fresh copy for each attack."""

    @contextmanager
    def copy():
        with django_db_blocker.unblock(), cloned(cluster, filled) as database, connected(database) as desk:
            yield desk

    return copy


def examined(desk, held=(), *, opened=False):
    with default_connection(desk.database, "app" if opened else "auditor"):
        report = verifying.verify(desk.log, held=held)
        reconciling.reconcile(desk.log, report)
        if opened:
            reconciling.open_payloads(desk.log, report)
    return report


def kept(desk):
    """What the auditors' mail holds: every checkpoint so far."""
    return [verifying.outside(desk.log, desk.note(size), "the auditor") for size in desk.sizes]


def names(report, index):
    """Some fault says that this index may be the first bad one, and none says that an earlier one must be."""
    return any(
        fault.first is not None
        and fault.first <= index <= (fault.first if fault.last is None else fault.last)
        for fault in report.faults
    )


@pytest.mark.parametrize("attack", attacks.ATTACKS, ids=lambda attack: attack.name)
def test_it_is_found_and_the_first_bad_index_named(attack, attacked):
    for variant in range(VARIANTS):
        chance = random.Random(f"{attack.name} {variant}")
        with attacked() as desk:
            held = kept(desk)
            index = attack.act(desk, chance)
            report = examined(desk)
            if not attack.alone:
                assert report.faults == [], (
                    "by itself the log agrees with itself, which is why others hold copies"
                )
                report = examined(desk, held)
            assert report.faults, variant
            assert names(report, index), (variant, index, [str(fault) for fault in report.faults])
            if not attack.vague:
                assert report.first_bad == index, (variant, index, [str(fault) for fault in report.faults])


@pytest.mark.parametrize(
    "attack", [attack for attack in attacks.ATTACKS if not attack.alone], ids=lambda attack: attack.name
)
def test_what_the_log_hides_is_refused_by_its_witness(attack, attacked, tmp_path, settings):
    for variant in range(VARIANTS):
        chance = random.Random(f"{attack.name} {variant}")
        with attacked() as desk:
            state = tmp_path / str(variant)
            state.mkdir()
            witness = Witness(COSIGNER, {origin("main"): verifiers("main")}, state, lambda: 0)
            bring(witness, desk)
            attack.act(desk, chance)
            settings.AUDIT_WITNESSES = f"http://witness.example {COSIGNER.witness_key.vkey}"
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("audit.witnessing.Witness._post", in_process(witness))
                with pytest.raises(Refused, match=r"Was an old dump restored|another history|another tree"):
                    desk.sign(Sequencer("main"))
            settings.AUDIT_WITNESSES = ""


def test_an_emptied_log_is_named_by_the_rows_it_does_not_tell_of_and_by_what_others_hold(attacked):
    with attacked() as desk:
        held = kept(desk)
        with tampering(desk.owner):
            for table in attacks.TABLES:
                desk.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cut(desk, 0)
        alone = [str(fault) for fault in examined(desk).faults]
        assert any("membership" in fault and "does not tell of it" in fault for fault in alone)
        assert examined(desk, held).first_bad == 0


def bring(witness, desk):
    answer = witness.add_checkpoint(f"old 0\n\n{desk.note(desk.sizes[-1])}".encode())
    assert answer.status == 200


def in_process(witness):
    def post(_client, body):
        answer = witness.add_checkpoint(body)
        return answer.status, answer.text

    return post


# Sealed values ----------------------------------------------------------------------------------


def a_swap(desk, chance):
    one, other = chance.sample(list(Payload.objects.order_by("entry_id", "name")), 2)
    for row, box in ((one, other.box), (other, one.box)):
        put_box(desk, row, bytes(box))
    return {one.entry_id, other.entry_id}


def a_salt(desk, chance):
    """Sealed anew under the right key at the right place, with another salt."""
    row = chance.choice(list(Payload.objects.select_related("entry").order_by("entry_id", "name")))
    key = keys.DataKey.objects.get(ref=payload.key_ref(bytes(row.box)))
    context = payload.payload_context(
        origin=origin("main"), entry_id=row.entry_id, event=row.entry.event, name=row.name
    )
    value = payload.open_bytes(key, bytes(row.box), context)[payload.SALT_BYTES :].decode()
    salted = payload.Committed(chance.randbytes(payload.SALT_BYTES), value)
    put_box(desk, row, payload.seal(salted, key=key, context=context))
    return {row.entry_id}


def a_flipped_bit(desk, chance):
    row = chance.choice(list(Payload.objects.order_by("entry_id", "name")))
    box = bytearray(bytes(row.box))
    box[chance.randrange(len(box))] ^= 1 << chance.randrange(8)
    put_box(desk, row, bytes(box))
    return {row.entry_id}


def put_box(desk, row, box):
    desk.owner.execute("ALTER TABLE audit_payload DISABLE TRIGGER USER")
    desk.owner.execute(
        "UPDATE audit_payload SET box = %s WHERE entry_id = %s AND name = %s", [box, row.entry_id, row.name]
    )


@pytest.mark.parametrize("change", [a_swap, a_salt, a_flipped_bit])
def test_a_sealed_value_that_was_changed_is_named(attacked, change):
    for variant in range(VARIANTS):
        with attacked() as desk:
            changed = change(desk, random.Random(f"{change.__name__} {variant}"))
            index = desk.one("SELECT min(index) FROM audit_leaf WHERE entry_id = ANY(%s)", list(changed))
            assert examined(desk).faults == [], "only who has the keys can see it"
            report = examined(desk, opened=True)
            assert report.first_bad == index
            assert len(report.faults) >= len(changed)


def test_after_a_case_is_erased_everything_is_still_whole(attacked):
    with attacked() as desk:
        for key in keys.DataKey.objects.all():
            keys.erase(key=key, now=datetime.now(UTC))
        assert examined(desk, kept(desk), opened=True).faults == []


# Objects ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["accounts_user", "accounts_organisation", "accounts_membership"])
def test_a_row_that_changed_while_its_trigger_was_off_is_named(attacked, table):
    for variant in range(VARIANTS):
        chance = random.Random(f"{table} {variant}")
        with attacked() as desk:
            ref = chance.choice(
                [row[0] for row in desk.owner.execute(f"SELECT ref FROM {table} ORDER BY ref")]
            )
            desk.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            what = chance.choice(["version = version + 1", "version = version - 1", "ref = ref || 'x'"])
            desk.owner.execute(f"UPDATE {table} SET {what} WHERE ref = %s", [ref])
            desk.owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            assert any(ref in str(fault) for fault in examined(desk).faults)


def test_entries_of_a_change_that_was_not_made_are_named(attacked):
    for variant in range(VARIANTS):
        with attacked() as desk:
            desk.owner.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
            desk.owner.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_arrives")
            ref = desk.one("SELECT ref FROM accounts_user ORDER BY ref LIMIT 1")
            version = 2 + variant
            write(
                desk.owner,
                event="user.changed",
                object={"type": "user", "ref": ref, "version": version},
            )
            desk.sign()
            report = examined(desk)
            assert any(f"user {ref}" in str(fault) for fault in report.faults)
            assert report.first_bad == desk.sizes[-2]


def test_playing_the_replica_switches_no_trigger_off(attacked):
    with attacked() as desk, desk.database.connect("postgres") as superuser:
        superuser.execute("SET session_replication_role = replica")
        for table in ("audit_entry", "audit_leaf", "audit_checkpoint", "accounts_user"):
            with pytest.raises(errors.RestrictViolation):
                superuser.execute(f"DELETE FROM {table}")
            with pytest.raises(errors.RestrictViolation):
                superuser.execute(f"TRUNCATE {table} CASCADE")
        assert examined(desk).faults == []


# Honest runs ------------------------------------------------------------------------------------


def test_honest_work_raises_no_alarm(attacked):
    """Writers, sequencers that come and go, a key that is replaced: verified after each step."""
    chance = random.Random(20261127)
    with attacked() as desk:
        sequencers = [Sequencer("main", batch=50), Sequencer("main")]
        size = desk.sizes[-1]
        with default_connection(desk.database, "sequencer"):
            for number in range(HONEST_RUNS):
                since, written = size, chance.randint(1, 12)
                for _ in range(written):
                    write(desk.owner)
                if chance.random() < 0.1:
                    sequencers[chance.randrange(2)] = Sequencer("main", batch=chance.choice([1, 7, 50, 4096]))
                chance.choice(sequencers).drain()
                report = verifying.verify("main", since=since)
                assert report.faults == [], number
                size = report.size
                assert size >= since + written
        assert examined(desk, kept(desk), opened=True).faults == []


def test_a_key_replaced_in_the_middle_is_no_alarm_while_both_are_known(attacked, settings):
    with attacked() as desk:
        seed = b"\x09" * 32
        new = Signer(origin("main"), seed)
        before = settings.AUDIT_SIGNING_KEYS, settings.AUDIT_VERIFIER_KEYS
        text = f",main:{base64.b64encode(seed).decode()}"
        settings.AUDIT_VERIFIER_KEYS += f",main:{base64.b64encode(new.verifier.key).decode()}"
        for signing in (before[0] + text, text[1:]):
            settings.AUDIT_SIGNING_KEYS = signing
            desk.write(20)
        assert examined(desk, kept(desk)).faults == []
        settings.AUDIT_VERIFIER_KEYS = before[1]
        report = examined(desk)
        assert names(report, desk.sizes[-1] - 1), "signed by a key that nobody published"
        with pytest.raises(NoteRefused):
            verifying.outside("main", desk.note(desk.sizes[-1]), "the auditor")


def test_the_page_of_attacks_names_each_and_what_finds_it():
    page = (ROOT / "docs" / "attacks.md").read_text().splitlines()
    told = [line.split(" | ")[:3] for line in page if " | alone | " in line or " | outside | " in line]
    assert [" | ".join(cells) for cells in told] == [
        f"| {attack.name.replace('_', ' ')} | {'alone' if attack.alone else 'outside'} | {'range' if attack.vague else 'exact'}"
        for attack in attacks.ATTACKS
    ]
