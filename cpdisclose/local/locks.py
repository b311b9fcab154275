"""One at a time, across processes."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Waits for the lock; the kernel releases it when the holder ends, however it ends."""
    with path.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
