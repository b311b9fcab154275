"""The text of a checkpoint (C2SP tlog-checkpoint): origin, size, root, and no line more."""

import base64
import binascii
import re
from dataclasses import dataclass

from .tree import HASH_BYTES

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class NotACheckpoint(ValueError):
    """The text is not exactly origin, size and root."""


@dataclass(frozen=True)
class TreeHead:
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse(text: str) -> TreeHead:
    """Raises `NotACheckpoint` unless `text()` of the answer is the same text again."""
    lines = text.split("\n")
    if len(lines) != 4 or not _SIZE.fullmatch(lines[1]):
        raise NotACheckpoint("A checkpoint has three lines: origin, size and root.")
    try:
        found = TreeHead(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    except (ValueError, binascii.Error):
        raise NotACheckpoint("The root of a checkpoint is written in base64.") from None
    if not found.origin or len(found.root) != HASH_BYTES or found.text() != text:
        raise NotACheckpoint("A checkpoint has an origin, a size and a root of 32 bytes.")
    return found
