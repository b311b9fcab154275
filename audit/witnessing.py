"""Takes each checkpoint to the witnesses (C2SP tlog-witness) and keeps their cosignatures.

A witness that is away costs a few seconds now and then and stops nothing: what is signed is not yet witnessed.
A witness that knows more than the database, or another history, stops the signing.
"""

import base64
import logging
import re
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from . import proof
from .asking import ask
from .checkpoint import TreeHead
from .cosignature import Cosignature as Signed
from .cosignature import WitnessKey, cosignatures, read_vkey
from .logs import signers
from .models import Checkpoint, Cosignature
from .note import NoteRefused, sign
from .stored import Refused, last_head, read_tiles

logger = logging.getLogger(__name__)

PATH = "/add-checkpoint"
SIZE = re.compile("[0-9]{1,18}")
TIMEOUT_SECONDS = 5.0
QUIET_SECONDS = 15.0
LARGEST_ANSWER = 16 * 1024


class Away(Exception):
    """The witness did not answer, or not as a witness does."""


@dataclass(frozen=True)
class Known:
    """The witness has cosigned this size, and not the one it was told."""

    size: int


@dataclass(frozen=True)
class Witness:
    url: str
    key: WitnessKey

    def submit(self, text: str, note: str, old: int, steps: Sequence[bytes]) -> Signed | Known:
        """Raises `Away`, and `Refused` for a checkpoint that does not grow out of what the witness has seen."""
        lines = [f"old {old}", *(base64.b64encode(step).decode() for step in steps), "", note]
        status, answer = self._post("\n".join(lines).encode())
        if status == HTTPStatus.OK:
            return self._cosignature(text, answer)
        if status == HTTPStatus.CONFLICT and SIZE.fullmatch(known := answer.strip()):
            return Known(int(known))
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise Refused(
                f"The witness {self.key.name} has seen another history than this log now tells. Nothing more is "
                f"signed until somebody has found out why."
            )
        raise Away(f"It answered {status}: {answer.strip()[:200]}")

    def _cosignature(self, text: str, answer: str) -> Signed:
        try:
            found = cosignatures(text, answer.removesuffix("\n").split("\n"), [self.key])
        except NoteRefused as error:
            raise Away(str(error)) from error
        if not found:
            raise Away("It signed with another key than the one in AUDIT_WITNESSES.")
        return found[0]

    def _post(self, body: bytes) -> tuple[int, str]:
        asked = urllib.request.Request(self.url + PATH, data=body, method="POST")  # noqa: S310 -- checked below
        try:
            try:
                with ask(asked, timeout=TIMEOUT_SECONDS) as answer:
                    return answer.status, answer.read(LARGEST_ANSWER).decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read(LARGEST_ANSWER).decode("utf-8", "replace")
        except (OSError, ValueError, HTTPException) as error:
            raise Away(f"{type(error).__name__} {error}") from error


def configured() -> list[Witness]:
    """Raises `ImproperlyConfigured`."""
    found = []
    for part in filter(None, (part.strip() for part in settings.AUDIT_WITNESSES.split(","))):
        url, _, vkey = part.partition(" ")
        try:
            key = read_vkey(vkey.strip())
        except ValueError:
            key = None
        if not url.startswith(("http://", "https://")) or not isinstance(key, WitnessKey):
            raise ImproperlyConfigured("AUDIT_WITNESSES must read like https://HOST/PREFIX NAME+ID+BASE64, …")
        found.append(Witness(url.rstrip("/"), key))
    return found


@dataclass
class Witnessing:
    """What one sequencer brings to the witnesses of one log. `_quiet` holds back those that are away."""

    log: str
    _quiet: dict[str, float] = field(default_factory=dict)
    _refused: str = ""

    def ask(self) -> None:
        """Before the first signature of a process: raises `Refused` when a witness knows more than the database.

        A witness that is away is asked later; what it then says stops the signing as well.
        """
        self._submit(again=True)

    def bring(self) -> None:
        """Has the newest checkpoint cosigned by every witness that has not done so. Raises `Refused`."""
        if self._refused:
            raise Refused(self._refused)
        self._submit(again=False)

    def _submit(self, *, again: bool) -> None:
        if witnesses := configured():
            head = last_head(self.log)
            for witness in witnesses:
                seen = self._seen(witness)
                if (seen != head.size or again) and self._quiet.get(witness.url, 0) <= time.monotonic():
                    self._try(witness, head, seen)

    def _try(self, witness: Witness, head: TreeHead, seen: int) -> None:
        try:
            self._bring_to(witness, head, seen)
        except Away as reason:
            self._quiet[witness.url] = time.monotonic() + QUIET_SECONDS
            logger.warning("The witness %s is away: %s", witness.key.name, reason)
        except Refused as reason:
            self._refused = str(reason)
            raise

    def _seen(self, witness: Witness) -> int:
        rows = Cosignature.objects.filter(log=self.log, witness=witness.key.name).order_by("-size")
        return rows.values_list("size", flat=True).first() or 0

    def _bring_to(self, witness: Witness, head: TreeHead, seen: int) -> None:
        note = self._note(head)
        answer = Known(seen) if seen > head.size else self._one(witness, head, note, seen)
        if isinstance(answer, Known):
            if answer.size > head.size:
                if last_head(self.log).size >= answer.size:
                    return  # another sequencer was quicker
                raise Refused(
                    f"The witness {witness.key.name} knows {answer.size} entries of the log {self.log}, and the "
                    f"database has {head.size}. Was an old dump restored? Nothing is signed on top of it."
                )
            answer = self._one(witness, head, note, answer.size)
        if isinstance(answer, Known):
            raise Refused(
                f"The witness {witness.key.name} has cosigned another tree of {answer.size} entries as the log "
                f"{self.log}. Nothing more is signed until somebody has found out why."
            )
        if head.size:
            Cosignature.objects.bulk_create(
                [Cosignature(log=self.log, size=head.size, witness=answer.witness, line=answer.line)],
                ignore_conflicts=True,
            )

    def _one(self, witness: Witness, head: TreeHead, note: str, old: int) -> Signed | Known:
        steps = proof.consistency(old, head.size, lambda names: read_tiles(self.log, names))
        return witness.submit(head.text(), note, old, steps)

    def _note(self, head: TreeHead) -> str:
        signed = (
            Checkpoint.objects.filter(log=self.log, size=head.size).values_list("note", flat=True).first()
        )
        return signed or sign(head.text(), signers(self.log))
