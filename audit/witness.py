"""A witness (C2SP tlog-witness): a small program of its own, on a machine of somebody else's.

    python -m audit.witness --name witness.example/w1 --key FILE --logs FILE --state DIR --listen HOST:PORT

It cosigns a checkpoint only if that grew out of the last one it cosigned, so a log cannot show two histories,
roll back or be rewritten without the witness knowing. It needs this package's pure modules and `cryptography`.
`--logs` names a file of verifier keys, one a line; a log may have several. `--key` names the file of the private
key, which `--new-key` makes. The folder `--state` is all it remembers: the last checkpoint of each log, cosigned,
as a file anybody may be given.
"""

import argparse
import base64
import fcntl
import os
import re
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from . import checkpoint
from .checkpoint import NotACheckpoint, TreeHead
from .cosignature import Cosigner, read_vkey
from .note import NoteRefused, Verifier, open_note
from .proof import ProofRefused, check_consistency
from .tree import EMPTY_ROOT

LARGEST_REQUEST = 64 * 1024
MOST_STEPS = 63
SECONDS_TO_ANSWER = 10
PATH = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class Answer:
    status: HTTPStatus
    text: str
    type: str = "text/plain; charset=utf-8"


class Refused(Exception):
    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Submission:
    old: int
    steps: Sequence[bytes]
    note: str


def read_submission(body: bytes) -> Submission:
    """Raises `Refused` for anything that is not in the form of tlog-witness."""
    try:
        before, blank, note = body.decode().partition("\n\n")
        first, *lines = before.split("\n")
        steps = [base64.b64decode(line, validate=True) for line in lines]
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "The request is not text with base64 lines.") from None
    old = _OLD.fullmatch(first)
    if old is None or not blank or len(steps) > MOST_STEPS:
        raise Refused(
            HTTPStatus.BAD_REQUEST, "The request is an old size, at most 63 steps and a checkpoint."
        )
    return Submission(int(old[1]), steps, note)


@dataclass
class Witness:
    """`clock` answers the seconds of POSIX. One at a time decides, persists and only then signs."""

    cosigner: Cosigner
    logs: Mapping[str, Sequence[Verifier]]
    state: Path
    clock: Callable[[], float]
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def add_checkpoint(self, body: bytes) -> Answer:
        try:
            given = read_submission(body)
            text, head = self._read(given.note)
            with self._one_at_a_time:
                return self._decide(given, text, head)
        except Refused as refused:
            return Answer(refused.status, f"{refused}\n")

    def _read(self, note: str) -> tuple[str, TreeHead]:
        origin = note.partition("\n")[0]
        if origin not in self.logs:
            raise Refused(HTTPStatus.NOT_FOUND, "This witness does not know that log.")
        try:
            text = open_note(note, self.logs[origin])
        except NoteRefused as error:
            raise Refused(HTTPStatus.FORBIDDEN, str(error)) from error
        try:
            return text, checkpoint.parse(text)
        except NotACheckpoint as error:
            raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from error

    def _decide(self, given: Submission, text: str, head: TreeHead) -> Answer:
        known = self.last(head.origin)
        if given.old > head.size:
            raise Refused(HTTPStatus.BAD_REQUEST, "The old size is larger than the checkpoint's.")
        if given.old != known.size:
            return Answer(HTTPStatus.CONFLICT, f"{known.size}\n", SIZE_TYPE)
        if head.size == known.size and head.root != known.root:
            return Answer(HTTPStatus.CONFLICT, f"{known.size}\n", SIZE_TYPE)
        try:
            check_consistency(
                old=known.size, new=head.size, old_root=known.root, new_root=head.root, proof=given.steps
            )
        except ProofRefused as error:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
        line = self.cosigner.line(text, int(self.clock()))
        self._keep(head.origin, f"{given.note}{line}")
        return Answer(HTTPStatus.OK, line)

    def last(self, origin: str) -> TreeHead:
        """The last checkpoint that was cosigned; the empty tree before the first."""
        try:
            note = self._file(origin).read_text()
        except FileNotFoundError:
            return TreeHead(origin, 0, EMPTY_ROOT)
        return checkpoint.parse(note.partition("\n\n")[0] + "\n")

    def _keep(self, origin: str, note: str) -> None:
        """On the disk before the answer: a witness that forgets would sign a second history."""
        path = self._file(origin)
        fresh = path.with_suffix(".new")
        with fresh.open("w") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(self.state, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _file(self, origin: str) -> Path:
        return self.state / f"{sha256(origin.encode()).hexdigest()}.checkpoint"


class Handler(BaseHTTPRequestHandler):
    witness: Witness
    timeout = SECONDS_TO_ANSWER
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,9}", length) or int(length) > LARGEST_REQUEST:
            self.close_connection = True
            self._answer(Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Too long, or of no stated length.\n"))
            return
        body = self.rfile.read(int(length))
        if not self.path.endswith(PATH):
            self._answer(Answer(HTTPStatus.NOT_FOUND, "There is only add-checkpoint here.\n"))
            return
        self._answer(self.witness.add_checkpoint(body))

    def _answer(self, answer: Answer) -> None:
        data = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    handler = type("WitnessHandler", (Handler,), {"witness": witness})
    return ThreadingHTTPServer((host, port), handler)


def read_logs(path: Path) -> dict[str, list[Verifier]]:
    """Origin to keys. Raises `ValueError`."""
    found: dict[str, list[Verifier]] = {}
    for key in map(read_vkey, path.read_text().split()):
        if not isinstance(key, Verifier):
            raise ValueError(f"{key.vkey} is the key of a witness, not of a log.")
        found.setdefault(key.name, []).append(key)
    return found


def read_key(name: str, path: Path, *, new: bool) -> Cosigner:
    if new:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    return Cosigner(name, base64.b64decode(path.read_text().strip(), validate=True))


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="audit.witness", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--name", required=True, help="the name it signs under, like a host and a path")
    parser.add_argument("--key", required=True, type=Path, help="file of the private key")
    parser.add_argument("--new-key", action="store_true", help="make that file, say the public key, and stop")
    parser.add_argument("--logs", type=Path, help="file of the logs' verifier keys")
    parser.add_argument("--state", type=Path, help="folder of what it remembers")
    parser.add_argument("--listen", default="127.0.0.1:8081", metavar="HOST:PORT")
    given = parser.parse_args(words)
    cosigner = read_key(given.name, given.key, new=given.new_key)
    sys.stdout.write(f"{cosigner.witness_key.vkey}\n")
    sys.stdout.flush()
    if given.new_key:
        return 0
    if given.logs is None or given.state is None:
        parser.error("--logs and --state are needed")
    given.state.mkdir(parents=True, exist_ok=True)
    with (given.state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            parser.error(f"another witness uses {given.state}")
        host, _, port = given.listen.rpartition(":")
        witness = Witness(cosigner, read_logs(given.logs), given.state, time.time)
        with server(witness, host, int(port)) as running:
            sys.stdout.write(f"Witnessing at http://{host}:{running.server_port}{PATH}\n")
            sys.stdout.flush()
            running.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
