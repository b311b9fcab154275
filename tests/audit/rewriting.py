"""The tools of somebody who rewrites the log with the rights of the database's owner."""

import json
import random

from audit import tree
from audit.checkpoint import TreeHead
from audit.logs import origin
from audit.note import Signer, sign
from audit.tree import HASH_BYTES, TILE_WIDTH, Edge

from .log_desk import LogDesk


def anywhere(desk: LogDesk, chance: random.Random) -> int:
    return chance.randrange(desk.sizes[-1])


def body_at(desk: LogDesk, index: int) -> bytes:
    return bytes(desk.one("SELECT body FROM audit_entry WHERE id = %s", desk.entry_at(index)))


def edit(desk: LogDesk, chance: random.Random, index: int) -> bytes:
    """Another actor, in bytes and columns alike: an entry that nobody would doubt."""
    members = json.loads(body_at(desk, index))
    members["actor"]["ref"] = f"u_forged{chance.randrange(10**6)}"
    changed = json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    desk.owner.execute(
        "UPDATE audit_entry SET body = %s, actor = %s WHERE id = %s",
        [changed, members["actor"]["ref"], desk.entry_at(index)],
    )
    return changed


def set_hash(desk: LogDesk, index: int, hash_: bytes) -> None:
    n, offset = divmod(index, TILE_WIDTH)
    desk.owner.execute(
        "UPDATE audit_tile SET hashes = overlay(hashes placing %s from %s)"
        " WHERE log = %s AND level = 0 AND n = %s",
        [hash_, offset * HASH_BYTES + 1, desk.log, n],
    )


def rehash(desk: LogDesk) -> Edge:
    """Every tile anew from the entries as they are now."""
    rows = desk.owner.execute(
        "SELECT body FROM audit_leaf l JOIN audit_entry ON id = entry_id WHERE l.log = %s ORDER BY index",
        [desk.log],
    )
    edge, tiles = tree.append(Edge(), [tree.leaf_hash(body) for (body,) in rows])
    desk.owner.execute("DELETE FROM audit_tile WHERE log = %s", [desk.log])
    for name, hashes in tiles.items():
        desk.owner.execute(
            "INSERT INTO audit_tile (log, level, n, hashes) VALUES (%s, %s, %s, %s)",
            [desk.log, name.level, name.n, hashes],
        )
    return edge


def resign(desk: LogDesk, key: list[Signer]) -> None:
    """Every checkpoint anew, over the tree as it is now."""
    bodies = [
        row[0]
        for row in desk.owner.execute(
            "SELECT body FROM audit_leaf l JOIN audit_entry ON id = entry_id WHERE l.log = %s ORDER BY index",
            [desk.log],
        )
    ]
    hashes = [tree.leaf_hash(body) for body in bodies]
    for (size,) in desk.owner.execute(
        "SELECT size FROM audit_checkpoint WHERE log = %s", [desk.log]
    ).fetchall():
        edge, _ = tree.append(Edge(), hashes[:size])
        head = TreeHead(origin(desk.log), size, tree.root(edge))
        desk.owner.execute(
            "UPDATE audit_checkpoint SET root = %s, note = %s WHERE log = %s AND size = %s",
            [head.root, sign(head.text(), key), desk.log, size],
        )


def cut(desk: LogDesk, size: int) -> None:
    desk.owner.execute("DELETE FROM audit_checkpoint WHERE log = %s AND size > %s", [desk.log, size])
    desk.owner.execute("DELETE FROM audit_cosignature WHERE log = %s AND size > %s", [desk.log, size])
    query = "DELETE FROM audit_leaf WHERE log = %s AND index >= %s RETURNING entry_id"
    gone = [row[0] for row in desk.owner.execute(query, [desk.log, size])]
    desk.owner.execute("DELETE FROM audit_payload WHERE entry_id = ANY(%s)", [gone])
    desk.owner.execute("DELETE FROM audit_entry WHERE id = ANY(%s)", [gone])
    desk.owner.execute(
        "DELETE FROM audit_entry e WHERE log = %s AND NOT EXISTS (SELECT FROM audit_leaf WHERE entry_id = e.id)",
        [desk.log],
    )
    rehash(desk)


def without_constraints(desk: LogDesk) -> None:
    """Keys and checks of the tables, which an owner may drop."""
    for table, name in desk.owner.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('f', 'u', 'c')"
        " AND conrelid::regclass::text LIKE 'audit%%'"
    ).fetchall():
        desk.owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")


def shift(desk: LogDesk, from_: int, by: int) -> None:
    """In two steps, for the primary key is checked row by row."""
    desk.owner.execute(
        "UPDATE audit_leaf SET index = index + 1000000 WHERE log = %s AND index >= %s", [desk.log, from_]
    )
    desk.owner.execute(
        "UPDATE audit_leaf SET index = index - 1000000 + %s WHERE log = %s AND index >= 1000000",
        [by, desk.log],
    )


def put(desk: LogDesk, index: int, body: bytes) -> None:
    members = json.loads(body)
    desk.owner.execute(
        "INSERT INTO audit_entry (id, at, log, event, actor, body) VALUES (%s, %s, %s, %s, %s, %s)",
        [members["id"], members["at"], desk.log, members["event"], members["actor"]["ref"], body],
    )
    desk.owner.execute(
        "INSERT INTO audit_leaf (log, index, entry_id) VALUES (%s, %s, %s)", [desk.log, index, members["id"]]
    )
