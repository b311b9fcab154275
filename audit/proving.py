"""Proofs and checkpoints as the database has them, for whoever asks for one."""

from django.db import connection

from . import proof
from .models import Checkpoint, Cosignature
from .stored import read_tiles
from .tlog_proof import ProofFile

# In plain SQL: a proof is to cost no more than the reading of its tiles (5 ms among ten million entries).
_PLACED = """
SELECT entry.body, leaf.log, leaf.index FROM audit_entry AS entry LEFT JOIN audit_leaf AS leaf ON leaf.entry_id = entry.id
WHERE entry.log = %s AND entry.id = %s
"""
_SIGNED = """
SELECT signed.size, signed.note || coalesce((SELECT string_agg(line, '' ORDER BY witness) FROM audit_cosignature AS of
    WHERE of.log = signed.log AND of.size = signed.size), '')
FROM audit_checkpoint AS signed WHERE signed.log = %(log)s AND signed.size = coalesce(
    (SELECT size FROM audit_cosignature JOIN audit_checkpoint USING (log, size)
        WHERE log = %(log)s AND size > %(index)s ORDER BY size DESC LIMIT 1),
    (SELECT size FROM audit_checkpoint WHERE log = %(log)s ORDER BY size DESC LIMIT 1))
"""


class CannotProve(LookupError):
    """There is nothing to prove it with, yet or at all; the text says why."""


def last_checkpoint(log: str) -> Checkpoint:
    last = Checkpoint.objects.filter(log=log).order_by("-size").first()
    if last is None:
        raise CannotProve(f"The log {log} has no checkpoint yet.")
    return last


def with_cosignatures(signed: Checkpoint) -> str:
    """The checkpoint as it was signed, and behind it what witnesses have put to it."""
    rows = Cosignature.objects.filter(log=signed.log, size=signed.size).order_by("witness")
    return signed.note + "".join(rows.values_list("line", flat=True))


def best_signed(log: str, index: int) -> tuple[int, str]:
    """Size and note, with its cosignatures: of the checkpoints that cover the index the newest that is witnessed; while
    there is none, the newest."""
    with connection.cursor() as cursor:
        cursor.execute(_SIGNED, {"log": log, "index": index})
        found: tuple[int, str] | None = cursor.fetchone()
    if found is None:
        raise CannotProve(f"The log {log} has no checkpoint yet.")
    return found


def prove_entry(log: str, entry_id: int, *, with_entry: bool = True) -> ProofFile:
    """That the entry stands in the tree of a checkpoint. Raises `CannotProve` and `TilesMissing`."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACED, [log, entry_id])
        row = cursor.fetchone()
    if row is None:
        raise CannotProve(f"The log {log} has no entry {entry_id}.")
    body, of, index = row
    if of != log:
        raise CannotProve(f"The entry {entry_id} has no index yet. That takes a second or two.")
    size, note = best_signed(log, index)
    hashes = proof.inclusion(index, size, lambda names: read_tiles(log, names))
    return ProofFile(index, hashes, note, bytes(body) if with_entry else b"")


def prove_consistency(log: str, old: int, new: int) -> tuple[proof.Hashes, str]:
    """That the tree of size `old` is the beginning of that of `new`, which is the size of a checkpoint; and its note."""
    signed = Checkpoint.objects.filter(log=log, size=new).first()
    if signed is None:
        raise CannotProve(f"The log {log} has no checkpoint of size {new}.")
    return proof.consistency(old, new, lambda names: read_tiles(log, names)), with_cosignatures(signed)
