#!/usr/bin/env python3
"""Checks an export, a proof or a receipt of the log, offline. This is the file an auditor is handed.

    python verifier.py export DIR          --key KEY  [--held CHECKPOINT]  [--witness KEY]
    python verifier.py proof FILE          --key KEY  [--entry FILE]       [--witness KEY]
    python verifier.py receipt FILE        --key KEY  [--witness KEY]
    python verifier.py consistency OLD FILE --key KEY

KEY is a verifier key (name+id+base64) or a file of such lines, and must have come to you on another way than
what you check: a key out of the export proves only that the export agrees with itself. `--held` takes a
checkpoint that was kept elsewhere; it may be given again and again, like `--key` and `--witness`.

It needs Python 3.11 and `cryptography`, and nothing of the program that keeps the log. The formats: RFC 6962,
RFC 8785 and C2SP's signed-note, tlog-checkpoint, tlog-tiles, tlog-proof and tlog-cosignature.

Exit code 0: everything agrees. 1: something does not, and the first bad index is named where there is one.
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG_KEY, WITNESS_KEY = 1, 4
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
NOUGHT = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
LARGEST_NUMBER = 2**53 - 1
LARGEST_ENTRY = 16_384
LATEST = timedelta(minutes=15)
SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
EVENT = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+", re.ASCII)
KINDS = {"v": int, "id": int, "at": str, "event": str, "actor": dict}
LARGEST_VERSION = 2**20
MOVED = {"request.restricted", "request.opened", "secrecy.ended"}  # the first in this log, and not of all


class Bad(Exception):
    """What was to be checked does not hold; `index` is the first bad one, where that can be said."""

    def __init__(self, words: str, index: int | None = None) -> None:
        super().__init__(words)
        self.index = index


# Notes and checkpoints --------------------------------------------------------------------------
@dataclass(frozen=True)
class Key:
    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


@dataclass(frozen=True)
class Head:
    origin: str
    size: int
    root: bytes
    witnessed: tuple[str, ...] = ()


def unbase64(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        found = b""
    if base64.b64encode(found).decode() != text:
        raise Bad(f"{text[:60]!r} is not base64 in its one form.")
    return found


def read_hashes(lines: Sequence[str]) -> list[bytes]:
    found = [unbase64(line) for line in lines]
    if any(len(hash_) != 32 for hash_ in found):
        raise Bad("The steps of a proof are hashes of 32 bytes.")
    return found


def read_keys(given: Sequence[str], kind: int) -> list[Key]:
    said = [Path(one).read_text().split() if Path(one).is_file() else [one] for one in given]
    return [key for lines in said for key in map(read_key, lines) if key.kind == kind]


def read_key(line: str) -> Key:
    name, _, rest = line.partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = unbase64(encoded)
    if len(raw) != 33:
        raise Bad(f"{line!r} is not a verifier key: name, id and base64 of 33 bytes, with + between them.")
    key = Key(name, raw[0], raw[1:])
    if key.id.hex() != key_id:
        raise Bad(f"The id of the key {name} is not that of its bytes; it was copied wrongly.")
    return key


def read_note(data: bytes, keys: Sequence[Key], witnesses: Sequence[Key]) -> Head:
    """The checkpoint, if a key of the log's signed it and no known key signed it wrongly or twice."""
    note = data.decode()
    before, blank, after = note.rpartition("\n\n")
    text = before + "\n"
    if not blank or not after.endswith("\n") or any(char < " " and char != "\n" for char in note):
        raise Bad("This is no signed note: a text, an empty line and signature lines, each with a line feed.")
    known = {(key.name, key.id): key for key in (*keys, *witnesses)}
    signed: list[Key] = []
    witnessed = []
    for line in after[:-1].split("\n"):
        dash, name, encoded = (*line.split(" "), "", "")[:3]
        raw = unbase64(encoded)
        if dash != "—" or line.count(" ") != 2 or len(raw) < 5:
            raise Bad("A line behind the checkpoint is not a signature line.")
        key = known.get((name, raw[:4]))
        if key is None:
            continue
        if key in signed:
            raise Bad(f"{name} has signed twice with one key.")
        signed.append(key)
        stamp = check_signature(key, text, raw[4:])
        witnessed += [f"{name} at {stamp}"] if key.kind == WITNESS_KEY else []
    if not any(key.kind == LOG_KEY for key in signed):
        raise Bad("No key of the log that you know has signed this checkpoint.")
    head = read_checkpoint(text)
    if not any(key.kind == LOG_KEY and key.name == head.origin for key in signed):
        raise Bad(f"The checkpoint is one of {head.origin}, and another log has signed it.")
    return Head(head.origin, head.size, head.root, tuple(witnessed))


def check_signature(key: Key, text: str, signature: bytes) -> str:
    """Answers when a witness signed."""
    message, stamp = text.encode(), ""
    if key.kind == WITNESS_KEY:
        seconds = int.from_bytes(signature[:8], "big")
        message, signature = f"cosignature/v1\ntime {seconds}\n{text}".encode(), signature[8:]
        stamp = f"{datetime.fromtimestamp(min(seconds, 2**37), UTC):%Y-%m-%d %H:%M:%S} UTC"
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        raise Bad(f"The signature of {key.name} is wrong.") from None
    return stamp


def read_checkpoint(text: str) -> Head:
    lines = text.split("\n")
    if len(lines) != 4 or not lines[0] or not SIZE.fullmatch(lines[1]):
        raise Bad("A checkpoint has three lines: origin, size and root.")
    return Head(lines[0], int(lines[1]), read_hashes(lines[2:3])[0])


# The tree ---------------------------------------------------------------------------------------
def leaf(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


@dataclass
class Tree:
    """Grows leaf by leaf: the roots of its perfect subtrees, from the largest to the smallest."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, hash_: bytes) -> list[bytes]:
        """Answers the roots of the perfect subtrees that this leaf completes, from height 0 up."""
        made = [hash_]
        place = self.size
        while place & 1:
            made.append(node(self.peaks.pop(), made[-1]))
            place >>= 1
        self.peaks.append(made[-1])
        self.size += 1
        return made

    @property
    def root(self) -> bytes:
        if not self.peaks:
            return sha256(b"").digest()
        *left, found = self.peaks
        for peak in reversed(left):
            found = node(peak, found)
        return found


def check_inclusion(index: int, head: Head, hash_: bytes, steps: Sequence[bytes]) -> None:
    """Rebuilds the path from the root down: which side each step is on follows from index and size alone."""
    if not 0 <= index < head.size:
        raise Bad(f"A tree of {head.size} entries has no index {index}.")
    sides = []
    start, width = 0, head.size
    while width > 1:
        half = 1 << (width - 1).bit_length() - 1
        right = index - start >= half
        sides.append(right)
        start, width = (start + half, width - half) if right else (start, half)
    if len(sides) != len(steps):
        raise Bad(f"The proof has {len(steps)} steps; for this index and size it has {len(sides)}.", index)
    for right, step in zip(reversed(sides), steps, strict=True):
        hash_ = node(step, hash_) if right else node(hash_, step)
    if hash_ != head.root:
        raise Bad("The proof does not lead from this entry to the root that was signed.", index)


def check_consistency(old: Head, new: Head, steps: Sequence[bytes]) -> None:
    """RFC 6962 section 2.1.2, read backwards: both roots are rebuilt from the steps."""
    if old.origin != new.origin or old.size > new.size:
        raise Bad("The newer checkpoint is smaller, or of another log.")
    left = list(steps)
    built = rebuild(old.size, new.size, old.root, left) if 0 < old.size < new.size else (old.root, new.root)
    same = old.root == new.root if old.size == new.size else True
    if (left and old.size in {0, new.size}) or built != (old.root, new.root) or not same:
        raise Bad(f"The tree of size {old.size} is not the beginning of the one of size {new.size}.")


def rebuild(
    old: int, new: int, old_root: bytes, steps: list[bytes], whole: bool = True
) -> tuple[bytes, bytes]:
    """The root of the old and of the new tree; takes its steps from the end of the list."""
    if old == new:
        found = old_root if whole else take(steps)
        return found, found
    half = 1 << (new - 1).bit_length() - 1
    last = take(steps)
    if old <= half:
        was, now = rebuild(old, half, old_root, steps, whole)
        return was, node(now, last)
    was, now = rebuild(old - half, new - half, old_root, steps, whole=False)
    return node(last, was), node(last, now)


def take(steps: list[bytes]) -> bytes:
    if not steps:
        raise Bad("The proof is too short.")
    return steps.pop()


# Entries ----------------------------------------------------------------------------------------
def read_entry(body: bytes) -> dict[str, Any]:
    """The entry, if its bytes are the one canonical form of what they say."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if [name for name, _ in pairs] != sorted(found, key=lambda name: name.encode("utf-16-be")):
            raise ValueError("the members are not in order, each once")
        return found

    def whole(text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,16}", text) or abs(int(text)) > LARGEST_NUMBER:
            raise ValueError(f"{text[:40]} is no whole number of the log")
        return int(text)

    try:
        hooks: Any = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), whole)
        entry: dict[str, Any] = json.loads(body, object_pairs_hook=members, **hooks)
        again = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
        if NOUGHT.search(body) or again != body or len(body) > LARGEST_ENTRY:
            raise ValueError("it is not in canonical form, or too long")
        if not is_entry(entry):
            raise ValueError("a member is missing, or is not what this format has there")
        datetime.fromisoformat(entry["at"])
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Bad(f"The bytes are not an entry of format 1: {error}.") from None
    return entry


def is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or {name: type(entry.get(name)) for name in KINDS} != KINDS:
        return False
    whole = entry["v"] == 1 and 0 < entry["id"] <= LARGEST_NUMBER and INSTANT.fullmatch(entry["at"])
    told = EVENT.fullmatch(entry["event"]) and names(entry["actor"], "ref")
    return bool(whole and told) and ("object" not in entry or is_object(entry["object"]))


def is_object(about: Any) -> bool:
    numbers = [about[name] for name in ("version", "seen_version") if name in about]
    return names(about, "type", "ref") and [type(one) for one in numbers] == [int] and numbers[0] > 0


def names(value: Any, *members: str) -> bool:
    return all(type(value.get(one)) is str and value[one] for one in members)


@dataclass
class Reader:
    """What is checked from entry to entry: ids, the order of time, and the versions of every object."""

    ids: set[int] = field(default_factory=set)
    newest: tuple[str, int] = ("", 0)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)  # bit n: version n was there
    moved: dict[tuple[str, str], int] = field(
        default_factory=dict
    )  # bit n: with it the object came to this log

    def read(self, index: int, body: bytes) -> None:
        try:
            entry = read_entry(body)
        except Bad as error:
            raise Bad(str(error), index) from None
        if entry["id"] in self.ids:
            raise Bad(f"The id {entry['id']} is there twice.", index)
        self.ids.add(entry["id"])
        at, (newest, where) = entry["at"], self.newest
        if at < newest and datetime.fromisoformat(newest) - datetime.fromisoformat(at) > LATEST:
            raise Bad(f"The entry says {at}; that at index {where} says {newest}.", index)
        self.newest = max(self.newest, (at, index))
        self._count(index, entry)

    def _count(self, index: int, entry: dict[str, Any]) -> None:
        about = entry.get("object", {})
        if "version" in about:
            name, version = (about["type"], about["ref"]), about["version"]
            if version > LARGEST_VERSION or self.versions.get(name, 0) & 1 << version:
                raise Bad(f"{name[0]} {name[1]} has version {version} twice, or out of range.", index)
            self.versions[name] = self.versions.get(name, 0) | 1 << version
            if entry["event"] in MOVED:
                self.moved[name] = self.moved.get(name, 0) | 1 << version

    def end(self, again: Iterable[bytes]) -> None:
        """`again`: the same entries once more, to say where the first gap is."""
        known = ((name, bits, self.moved.get(name, 0)) for name, bits in self.versions.items())
        after = {name: gaps for name, bits, moved in known if (gaps := bits & ~(bits << 1) & ~2 & ~moved)}
        for index, body in enumerate(again if after else ()):
            about = json.loads(body).get("object", {})
            if after.get((about.get("type"), about.get("ref")), 0) >> about.get("version", 0) & 1:
                raise Bad(
                    f"Version {about['version']} of {about['type']} {about['ref']} follows none.", index
                )


# An export --------------------------------------------------------------------------------------
def tile_path(folder: Path, kind: str, n: int, width: int) -> Path:
    parts = [f"{n % 1000:03d}"]
    while n := n // 1000:
        parts.insert(0, f"x{n % 1000:03d}")
    return folder / "tile" / kind / ("/".join(parts) + ("" if width == 256 else f".p/{width}"))


def read_file(path: Path, index: int | None = None) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Bad(f"{path} is missing.", index) from None


def bodies(folder: Path, size: int) -> Iterator[bytes]:
    for start in range(0, size, 256):
        width = min(256, size - start)
        bundle = read_file(tile_path(folder, "entries", start // 256, width), start)
        at, found = 0, 0
        while at < len(bundle) and found < width:
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            if end > len(bundle):
                break
            yield bundle[at + 2 : end]
            at, found = end, found + 1
        if at != len(bundle) or found != width:
            raise Bad(f"The bundle {start // 256} does not hold {width} entries.", start + found)


def check_export(folder: Path, keys: list[Key], witnesses: list[Key], held: Sequence[Path]) -> Head:
    head = read_note(read_file(folder / "checkpoint"), keys, witnesses)
    kept = [(note, path) for path in held if (note := read_note(read_file(path), keys, [])).size]
    kept.sort(key=lambda one: one[0].size)
    tree, reader, agreed = Tree(), Reader(), 0
    levels: list[list[bytes]] = [[]]
    for body in bodies(folder, head.size):
        index = tree.size
        made = tree.add(leaf(body))
        reader.read(index, body)
        for level, height in enumerate(range(0, len(made), 8)):
            levels += [[]] if level == len(levels) else []
            levels[level].append(made[height])
            if len(levels[level]) == 256:
                check_tile(folder, level, (tree.size >> 8 * level + 8) - 1, levels[level])
                levels[level] = []
        while kept and kept[0][0].size <= tree.size:
            other, path = kept.pop(0)
            if other.origin != head.origin or other.root != tree.root:
                raise Bad(f"{path} was signed over others: {tree.size - 1} or one before is bad.", agreed)
            agreed = other.size
    for level, hashes in enumerate(levels):
        if hashes:
            check_tile(folder, level, tree.size >> 8 * level + 8, hashes)
    reader.end(bodies(folder, head.size))
    if tree.root != head.root:
        raise Bad(f"The entries do not have the root that was signed; one from {agreed} on is bad.", agreed)
    for other, path in kept:
        raise Bad(f"The export ends here, at most {head.size} are good, and {path} has {other.size}.", agreed)
    return head


def check_tile(folder: Path, level: int, n: int, hashes: Sequence[bytes]) -> None:
    span = 256**level
    stored = read_file(tile_path(folder, str(level), n, len(hashes)), n * 256 * span)
    for offset, hash_ in enumerate(hashes):
        if stored[offset * 32 : offset * 32 + 32] != hash_:
            raise Bad(f"The tile {level}/{n} does not follow from the entries.", (n * 256 + offset) * span)
    if len(stored) != 32 * len(hashes):
        raise Bad(f"The tile {level}/{n} is too long.", (n * 256 + len(hashes)) * span)


# Proofs -----------------------------------------------------------------------------------------
Proved = tuple[Head, int, bytes]


def check_proof(data: bytes, entry: bytes | None, keys: list[Key], witnesses: list[Key]) -> Proved:
    before, _, note = data.decode().partition("\n\n")
    lines = before.split("\n")
    if lines.pop(0) != "c2sp.org/tlog-proof@v1" or not lines:
        raise Bad("This is not a proof in the format tlog-proof.")
    carried = unbase64(lines.pop(0)[6:]) if lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index ") or not SIZE.fullmatch(lines[0][6:]):
        raise Bad("The proof does not say which index it proves.")
    body = carried if entry is None else entry
    if body is None:
        raise Bad("The proof does not bring its entry along: give it with --entry FILE.")
    if carried is not None and carried != body:
        raise Bad("The proof is one of another entry than the one you gave.")
    head = read_note(note.encode(), keys, witnesses)
    index = int(lines[0][6:])
    check_inclusion(index, head, leaf(body), read_hashes(lines[1:]))
    read_entry(body)
    return head, index, body


def check_growth(old: bytes, data: bytes, keys: list[Key], witnesses: list[Key]) -> Head:
    before, _, note = data.decode().partition("\n\n")
    first, *steps = before.split("\n")
    was, now = read_note(old, keys, []), read_note(note.encode(), keys, witnesses)
    if first != f"old {was.size}":
        raise Bad(f"The proof begins at another size than {was.size}.")
    check_consistency(was, now, read_hashes(steps))
    return now


# The command ------------------------------------------------------------------------------------
def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parts = parser.add_subparsers(dest="part", required=True)
    many: dict[str, Any] = {"action": "append", "default": []}
    for name, files in (("export", 1), ("proof", 1), ("receipt", 1), ("consistency", 2)):
        part = parts.add_parser(name)
        part.add_argument("files", nargs=files, type=Path, metavar="PATH")
        part.add_argument("--key", help="verifier key of the log, or a file of them", **many)
        part.add_argument("--witness", help="verifier key of a witness", **many)
        part.add_argument("--held", type=Path, help="a checkpoint kept elsewhere", **many)
        part.add_argument("--entry", type=Path, help="the bytes of the entry")
    return parser


def check(given: argparse.Namespace) -> list[str]:
    own_keys = given.part == "export" and not given.key
    keys = read_keys(given.key or ([str(given.files[0] / "keys")] if own_keys else []), LOG_KEY)
    witnesses = read_keys(given.witness, WITNESS_KEY)
    own = "NO KEY WAS GIVEN: the export was checked with its own, and proves only that it agrees with itself."
    said = [own] if own_keys else []
    if given.part == "export":
        head = check_export(given.files[0], keys, witnesses, given.held)
        said.append(f"{head.origin}: {head.size} entries agree with the signed checkpoint.")
    elif given.part == "consistency":
        head = check_growth(read_file(given.files[0]), read_file(given.files[1]), keys, witnesses)
        said.append(f"{head.origin}: the older checkpoint is the beginning of the tree of size {head.size}.")
    else:
        entry = read_file(given.entry) if given.entry else None
        head, index, body = check_proof(read_file(given.files[0]), entry, keys, witnesses)
        said.append(f"{head.origin}: this entry is at index {index} of the {head.size} that were signed:")
        said.append(json.dumps(json.loads(body), ensure_ascii=False, indent=2))
    said += [f"Witnessed by {name}." for name in head.witnessed]
    if witnesses and not head.witnessed:
        raise Bad("It is signed and not witnessed by anybody whom you named.")
    return said


def main() -> int:
    try:
        said = check(arguments().parse_args())
    except (Bad, UnicodeDecodeError) as error:
        index = getattr(error, "index", None)
        where = "" if index is None else f" First bad index: {index}."
        sys.stderr.write(f"NOT GOOD: {error}{where}\n")
        return 1
    sys.stdout.write("\n".join([*said, ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
