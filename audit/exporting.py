"""A log as a folder in the layout of C2SP tlog-tiles, for tools that need nothing of ours."""

from itertools import islice
from pathlib import Path

from . import tree
from .logs import verifiers
from .models import Checkpoint, OutsideCopy, Tile
from .proving import CannotProve, last_checkpoint, with_cosignatures
from .reading import stream
from .snapshot import one_snapshot
from .tree import HASH_BYTES, TILE_WIDTH, TileName
from .verifying import Progress
from .witnessing import configured

LENGTH_BYTES = 2


def export(log: str, folder: Path, progress: Progress) -> int:
    """Writes tiles, entry bundles and keys, and last of all `checkpoint`; answers the size.

    The folder is new or empty. What the log holds is written as it is: whether it is sound is for the verifier
    to say. Raises `CannotProve` where an entry or a tile is gone.
    """
    if folder.exists() and any(folder.iterdir()):
        raise CannotProve(f"{folder} is not empty. An export goes into a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    with one_snapshot():
        signed = last_checkpoint(log)
        _write_tiles(log, signed.size, folder)
        _write_entries(log, signed.size, folder, progress)
        note = with_cosignatures(signed)
    keys = [verifier.vkey for verifier in verifiers(log)] + [witness.key.vkey for witness in configured()]
    _write_stamps(log, signed.size, folder)
    (folder / "keys").write_text("".join(f"{key}\n" for key in keys))
    (folder / "checkpoint").write_text(note)
    return signed.size


def _write_stamps(log: str, size: int, folder: Path) -> None:
    """Each time stamp beside the checkpoint, without cosignatures, that it is over."""
    stamps = OutsideCopy.objects.filter(log=log, size__lte=size, kind=OutsideCopy.Kind.TIMESTAMP)
    for stamp in stamps.order_by("size").iterator():
        note = Checkpoint.objects.filter(log=log, size=stamp.size).values_list("note", flat=True).first()
        if note is not None:
            _write(folder / "timestamp" / f"{stamp.size}.checkpoint", note.encode())
            _write(folder / "timestamp" / f"{stamp.size}.tsr", bytes(stamp.token))


def path_of(kind: str, n: int, width: int) -> str:
    """Of a tile or a bundle: `x001/x234/067`, and `.p/` with its width when it is partial."""
    digits = f"{n:03d}"
    digits = digits.rjust(-(-len(digits) // 3) * 3, "0")
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    place = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return f"tile/{kind}/{place}" + (f".p/{width}" if width < TILE_WIDTH else "")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _write_tiles(log: str, size: int, folder: Path) -> None:
    partial = dict(tree.edge_tiles(size))
    rows = Tile.objects.filter(log=log).order_by("level", "n").values_list("level", "n", "hashes")
    for level, n, hashes in rows.iterator(chunk_size=500):
        last = partial.get(TileName(level, n))
        width = TILE_WIDTH if last is None else last
        if width and n <= size // TILE_WIDTH ** (level + 1):
            _write(folder / path_of(str(level), n, width), bytes(hashes)[: width * HASH_BYTES])


def _write_entries(log: str, size: int, folder: Path, progress: Progress) -> None:
    with stream(log, 0) as rows:
        bodies = (body for _index, _log, body in rows)
        for start in range(0, size, TILE_WIDTH):
            block = list(islice(bodies, min(TILE_WIDTH, size - start)))
            if None in block or len(block) < min(TILE_WIDTH, size - start):
                raise CannotProve(
                    f"An entry between the indexes {start} and {start + TILE_WIDTH - 1} is gone."
                )
            bundle = b"".join(
                len(body).to_bytes(LENGTH_BYTES, "big") + body for body in block if body is not None
            )
            _write(folder / path_of("entries", start // TILE_WIDTH, len(block)), bundle)
            progress(start + len(block), size)
