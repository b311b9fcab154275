"""Proofs as files (C2SP tlog-proof): index, inclusion proof and checkpoint in one text, to be checked offline.

As `extra` a file of ours carries the bytes of the entry itself, so that it needs nothing beside it. The extra
data are vouched for by the proof alone: whoever reads a file hashes them and checks it.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from . import checkpoint, proof, tree
from .checkpoint import NotACheckpoint, TreeHead
from .proof import Hashes

FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


class NotAProofFile(ValueError):
    """The text is no proof in this format."""


@dataclass(frozen=True)
class ProofFile:
    index: int
    hashes: Hashes
    note: str
    extra: bytes = b""

    def text(self) -> str:
        extra = [f"extra {_base64(self.extra)}"] if self.extra else []
        lines = [FIRST_LINE, *extra, f"index {self.index}", *map(_base64, self.hashes), "", self.note]
        return "\n".join(lines)

    @property
    def head(self) -> TreeHead:
        """What the checkpoint says; its signatures are not looked at. Raises `NotAProofFile`."""
        try:
            return checkpoint.parse(self.note.partition("\n\n")[0] + "\n")
        except NotACheckpoint as error:
            raise NotAProofFile(str(error)) from error

    def check(self, entry: bytes) -> None:
        """Raises `ProofRefused` unless the entry stands at this index of the checkpoint's tree."""
        head = self.head
        proof.check_inclusion(
            index=self.index, size=head.size, leaf=tree.leaf_hash(entry), root=head.root, proof=self.hashes
        )


def parse(text: str) -> ProofFile:
    """Raises `NotAProofFile` unless `text()` of the answer is the same text again."""
    before, blank, note = text.partition("\n\n")
    lines = before.split("\n")
    extra = b""
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra = _bytes(lines.pop(1).removeprefix("extra "))
    index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if index is None or not blank:
        raise NotAProofFile("A proof begins with its format and an index, and ends with a checkpoint.")
    found = ProofFile(int(index[1]), tuple(map(_bytes, lines[2:])), note, extra)
    if found.text() != text:
        raise NotAProofFile("The proof is not written in the form of tlog-proof.")
    return found


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise NotAProofFile("The lines of a proof are written in base64.") from None
