"""What runs beside the sequencing goes on, whatever goes wrong in a part of it."""

import threading
from time import monotonic, sleep

import pytest

from audit.management.commands import audit


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_copy_that_fails_stops_neither_the_verifications_nor_the_next_copy(monkeypatch):
    stop, beside, copies, verifications = threading.Event(), {}, [], []

    def fails(*, now):
        copies.append(now)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(audit, "BESIDE_SECONDS", 0.01)
    monkeypatch.setattr(audit.outside, "send_out", fails)
    monkeypatch.setattr(audit.checking, "work", verifications.append)
    began = monotonic()
    while (len(copies) < 2 or len(verifications) < 4) and monotonic() - began < 30:
        audit._keep_at_work(beside, stop)
        sleep(0.02)
    stop.set()
    for thread in beside.values():
        thread.join()
    assert len(copies) >= 2
    assert verifications[:4] == ["main", "sealed"] * 2
