"""Proofs and checkpoints as the database has them, for whoever asks for one."""

from django.db.models import Subquery

from . import proof
from .models import Checkpoint, Cosignature, Entry
from .stored import read_tiles
from .tlog_proof import ProofFile


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


def best_checkpoint(log: str, index: int) -> Checkpoint:
    """Of those that cover the index the newest that is witnessed; while there is none, the newest."""
    witnessed = Cosignature.objects.filter(log=log, size__gt=index).order_by("-size").values("size")[:1]
    return Checkpoint.objects.filter(log=log, size=Subquery(witnessed)).first() or last_checkpoint(log)


def prove_entry(log: str, entry_id: int, *, with_entry: bool = True) -> ProofFile:
    """That the entry stands in the tree of a checkpoint. Raises `CannotProve` and `TilesMissing`."""
    row = Entry.objects.filter(log=log, pk=entry_id).values_list("body", "leaf__log", "leaf__index").first()
    if row is None:
        raise CannotProve(f"The log {log} has no entry {entry_id}.")
    body, of, index = row
    if of != log:
        raise CannotProve(f"The entry {entry_id} has no index yet. That takes a second or two.")
    signed = best_checkpoint(log, index)
    hashes = proof.inclusion(index, signed.size, lambda names: read_tiles(log, names))
    return ProofFile(index, hashes, with_cosignatures(signed), bytes(body) if with_entry else b"")


def prove_consistency(log: str, old: int, new: int) -> tuple[proof.Hashes, str]:
    """That the tree of size `old` is the beginning of that of `new`, which is the size of a checkpoint; and its note."""
    signed = Checkpoint.objects.filter(log=log, size=new).first()
    if signed is None:
        raise CannotProve(f"The log {log} has no checkpoint of size {new}.")
    return proof.consistency(old, new, lambda names: read_tiles(log, names)), with_cosignatures(signed)
