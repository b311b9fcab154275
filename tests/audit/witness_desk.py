"""A witness that works in a thread, for the logs of the tests' deployment."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit import witness
from audit.cosignature import Cosigner
from audit.logs import origin, verifiers
from audit.models import Log
from audit.witness import Witness

COSIGNER = Cosigner("witness.example/w1", bytes(range(2, 34)))
NOW = 1_795_800_000


@dataclass
class AtWork:
    working: Witness
    port: int

    @property
    def setting(self) -> str:
        return f"http://127.0.0.1:{self.port} {COSIGNER.witness_key.vkey}"

    def size(self, log: str = "main") -> int:
        return self.working.last(origin(log)).size


@contextmanager
def a_witness(state: Path, port: int = 0) -> Iterator[AtWork]:
    keys = {origin(log): verifiers(log) for log in Log.values}
    working = Witness(COSIGNER, keys, state, lambda: NOW)
    with witness.server(working, "127.0.0.1", port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield AtWork(working, server.server_port)
        finally:
            server.shutdown()
            thread.join()
