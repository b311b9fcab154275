"""What somebody with the rights of the database's owner does to the log, and with the stolen key besides.

Each attack answers the index from which on the log is not what it was. `alone` says that the log shows it by
itself; the others make a log that agrees with itself, and only what left the house shows them.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from audit import tree
from audit.checkpoint import TreeHead
from audit.logs import origin, signers
from audit.note import Signer, sign
from audit.tree import HASH_BYTES, TILE_WIDTH

from .conftest import entry, tampering
from .log_desk import LogDesk
from .rewriting import (
    anywhere,
    body_at,
    cut,
    edit,
    put,
    rehash,
    resign,
    set_hash,
    shift,
    without_constraints,
)

Act = Callable[[LogDesk, random.Random], int]
TABLES = ("audit_entry", "audit_payload", "audit_leaf", "audit_tile", "audit_checkpoint", "audit_cosignature")


@dataclass(frozen=True)
class Attack:
    act: Act
    alone: bool = True
    # Only a root shows it: the first bad index is known up to a tile or up to a checkpoint.
    vague: bool = False

    @property
    def name(self) -> str:
        return self.act.__name__


ATTACKS: list[Attack] = []


def attack(*, alone: bool = True, vague: bool = False) -> Callable[[Act], Act]:
    def keep(act: Act) -> Act:
        def done(desk: LogDesk, chance: random.Random) -> int:
            with tampering(desk.owner):
                for table in TABLES:
                    desk.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                return act(desk, chance)

        done.__name__ = act.__name__
        ATTACKS.append(Attack(done, alone, vague))
        return act

    return keep


# Entries ----------------------------------------------------------------------------------------


@attack()
def a_body_is_edited(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    edit(desk, chance, index)
    return index


@attack(vague=True)
def a_body_and_its_leaf_hash_are_edited(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    set_hash(desk, index, tree.leaf_hash(edit(desk, chance, index)))
    return index


@attack(vague=True)
def a_body_is_edited_and_the_whole_tree_hashed_again(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    edit(desk, chance, index)
    rehash(desk)
    return index


@attack(alone=False, vague=True)
def the_tree_is_hashed_again_and_signed_with_the_stolen_key(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    edit(desk, chance, index)
    rehash(desk)
    resign(desk, signers(desk.log))
    return index


@attack()
def the_columns_of_an_entry_are_edited(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    column = chance.choice(["actor", "event", "role", "session", "object_ref"])
    desk.owner.execute(f"UPDATE audit_entry SET {column} = 'forged' WHERE id = %s", [desk.entry_at(index)])
    return index


@attack()
def an_entry_is_deleted(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    entry_id = desk.entry_at(index)
    without_constraints(desk)
    desk.owner.execute("DELETE FROM audit_entry WHERE id = %s", [entry_id])
    if chance.random() < 0.5:
        desk.owner.execute("DELETE FROM audit_leaf WHERE entry_id = %s", [entry_id])
    return index


@attack(vague=True)
def an_entry_is_deleted_and_the_gap_closed(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    entry_id = desk.entry_at(index)
    without_constraints(desk)
    desk.owner.execute("DELETE FROM audit_leaf WHERE entry_id = %s", [entry_id])
    desk.owner.execute("DELETE FROM audit_entry WHERE id = %s", [entry_id])
    shift(desk, index + 1, -1)
    rehash(desk)
    return index


@attack()
def two_entries_are_swapped(desk: LogDesk, chance: random.Random) -> int:
    one, other = chance.sample(range(desk.sizes[-1]), 2)
    ids = desk.entry_at(one), desk.entry_at(other)
    without_constraints(desk)
    desk.owner.execute(
        "UPDATE audit_leaf SET entry_id = CASE entry_id WHEN %s THEN %s::bigint ELSE %s END"
        " WHERE entry_id IN (%s, %s)",
        [ids[0], ids[1], ids[0], ids[0], ids[1]],
    )
    return min(one, other)


@attack()
def an_entry_is_put_in_back_dated(desk: LogDesk, chance: random.Random) -> int:
    """Without an index: the sequencer itself, which has no reason to doubt it, gives it the next one."""
    body = entry(at=f"2026-10-{chance.randint(10, 28)}T12:00:00.000000Z")
    members = json.loads(body)
    desk.owner.execute(
        "INSERT INTO audit_entry (id, at, log, event, actor, body) VALUES (%s, %s, %s, %s, %s, %s)",
        [members["id"], members["at"], desk.log, members["event"], members["actor"]["ref"], body],
    )
    size = desk.sizes[-1]
    desk.sign()
    return size


@attack(vague=True)
def an_entry_is_put_in_at_an_index_of_its_own(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    shift(desk, index, 1)
    put(desk, index, entry())
    if chance.random() < 0.5:
        rehash(desk)
    return index


@attack()
def an_entry_is_put_in_behind_the_end(desk: LogDesk, chance: random.Random) -> int:
    without_constraints(desk)
    put(desk, desk.sizes[-1] + chance.randrange(2), entry())
    return desk.sizes[-1]


@attack()
def an_entry_is_put_in_at_a_negative_index(desk: LogDesk, chance: random.Random) -> int:
    without_constraints(desk)
    index = -chance.randint(1, 9)
    put(desk, index, entry())
    return index


@attack()
def an_old_entry_is_replayed(desk: LogDesk, chance: random.Random) -> int:
    body = body_at(desk, anywhere(desk, chance))
    members = json.loads(body)
    desk.owner.execute(
        "INSERT INTO audit_entry (id, at, log, event, actor, body) VALUES (%s, %s, %s, %s, %s, %s)",
        [
            chance.randrange(1, 2**53),
            members["at"],
            desk.log,
            members["event"],
            members["actor"]["ref"],
            body,
        ],
    )
    size = desk.sizes[-1]
    desk.sign()
    return size


@attack()
def an_entry_is_moved_to_the_other_log(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    desk.owner.execute("UPDATE audit_entry SET log = 'sealed' WHERE id = %s", [desk.entry_at(index)])
    return index


@attack()
def the_table_is_dropped_and_made_again(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    edit(desk, chance, index)
    desk.owner.execute("CREATE TABLE copied (LIKE audit_entry INCLUDING ALL)")
    desk.owner.execute("INSERT INTO copied SELECT * FROM audit_entry")
    desk.owner.execute("DROP TABLE audit_entry CASCADE")
    desk.owner.execute("ALTER TABLE copied RENAME TO audit_entry")
    desk.owner.execute("GRANT SELECT ON audit_entry TO auditor, sequencer")
    return index


@attack()
def the_entries_are_truncated(desk: LogDesk, chance: random.Random) -> int:
    desk.owner.execute(
        "TRUNCATE audit_entry, audit_payload, audit_leaf" + chance.choice(["", ", audit_tile"])
    )
    return 0


# Tree and checkpoints ---------------------------------------------------------------------------


@attack()
def a_leaf_hash_is_edited(desk: LogDesk, chance: random.Random) -> int:
    index = anywhere(desk, chance)
    set_hash(desk, index, chance.randbytes(HASH_BYTES))
    return index


@attack(vague=True)
def a_node_is_edited(desk: LogDesk, chance: random.Random) -> int:
    n = chance.randrange(desk.sizes[-1] // TILE_WIDTH)
    desk.owner.execute(
        "UPDATE audit_tile SET hashes = overlay(hashes placing %s from %s) WHERE log = %s AND level = 1",
        [chance.randbytes(HASH_BYTES), n * HASH_BYTES + 1, desk.log],
    )
    return n * TILE_WIDTH


@attack(vague=True)
def a_tile_is_cut_or_gone(desk: LogDesk, chance: random.Random) -> int:
    n = chance.randrange(desk.sizes[-1] // TILE_WIDTH)
    if chance.random() < 0.5:
        desk.owner.execute("DELETE FROM audit_tile WHERE log = %s AND level = 0 AND n = %s", [desk.log, n])
        return n * TILE_WIDTH
    keep = chance.randint(1, 255)
    desk.owner.execute(
        "UPDATE audit_tile SET hashes = substring(hashes FOR %s) WHERE log = %s AND level = 0 AND n = %s",
        [keep * HASH_BYTES, desk.log, n],
    )
    return n * TILE_WIDTH + keep


@attack(vague=True)
def a_checkpoint_is_edited(desk: LogDesk, chance: random.Random) -> int:
    """Extra line, CRLF, doubled signature, leading zero, another root, or nothing at all."""
    place = chance.randrange(len(desk.sizes))
    size = desk.sizes[place]
    note = desk.note(size)
    text, _, signatures = note.partition("\n\n")
    changed = chance.choice(
        [
            note.replace("\n", "\r\n"),
            note + signatures,
            f"{text}\nextra\n\n{signatures}",
            note.replace(f"\n{size}\n", f"\n0{size}\n"),
            note.replace(f"\n{size}\n", f"\n{size + 1}\n"),
            f"{text}\n\n",
            "",
        ]
    )
    desk.owner.execute(
        "UPDATE audit_checkpoint SET note = %s WHERE log = %s AND size = %s", [changed, desk.log, size]
    )
    return size - 1


@attack(vague=True)
def a_checkpoint_is_forged_with_another_key(desk: LogDesk, chance: random.Random) -> int:
    size = chance.choice(desk.sizes)
    root = chance.choice(
        [
            chance.randbytes(HASH_BYTES),
            bytes(desk.one("SELECT root FROM audit_checkpoint WHERE log = %s AND size = %s", desk.log, size)),
        ]
    )
    head = TreeHead(origin(desk.log), size, root)
    stranger = Signer(origin(desk.log), chance.randbytes(32))
    desk.owner.execute(
        "UPDATE audit_checkpoint SET root = %s, note = %s WHERE log = %s AND size = %s",
        [root, sign(head.text(), [stranger]), desk.log, size],
    )
    return size - 1


@attack(vague=True)
def a_checkpoint_is_signed_with_the_stolen_key_over_another_root(desk: LogDesk, chance: random.Random) -> int:
    size = chance.choice(desk.sizes)
    head = TreeHead(origin(desk.log), size, chance.randbytes(HASH_BYTES))
    desk.owner.execute(
        "UPDATE audit_checkpoint SET root = %s, note = %s WHERE log = %s AND size = %s",
        [head.root, sign(head.text(), signers(desk.log)), desk.log, size],
    )
    return size - 1


@attack()
def the_last_checkpoint_is_rolled_back(desk: LogDesk, chance: random.Random) -> int:
    keep = chance.randrange(len(desk.sizes) - 1)
    desk.owner.execute(
        "DELETE FROM audit_checkpoint WHERE log = %s AND size > %s", [desk.log, desk.sizes[keep]]
    )
    return desk.sizes[keep]


@attack(vague=True)
def a_checkpoint_in_between_is_taken_away(desk: LogDesk, chance: random.Random) -> int:
    place = chance.randrange(len(desk.sizes) - 1)
    desk.owner.execute(
        "DELETE FROM audit_checkpoint WHERE log = %s AND size = %s", [desk.log, desk.sizes[place]]
    )
    return desk.sizes[place] - 1


@attack(alone=False)
def the_tail_is_cut(desk: LogDesk, chance: random.Random) -> int:
    """Also: last week's dump is restored."""
    size = chance.choice(desk.sizes[:-1])
    cut(desk, size)
    return size


@attack(alone=False, vague=True)
def two_auditors_are_shown_different_logs(desk: LogDesk, chance: random.Random) -> int:
    """The second one: cut, written on differently, and signed by the sequencer itself."""
    size = chance.choice(desk.sizes[:-2])
    cut(desk, size)
    desk.owner.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_arrives")
    before = desk.sizes
    desk.sizes = []
    desk.write(before[-1] - size + chance.randrange(30))
    desk.sizes = before
    return size
