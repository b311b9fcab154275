"""What runs beside the sequencing goes on, whatever goes wrong in a part of it."""

from audit.management.commands import audit
from audit.models import Log


class Rounds:
    """So many rounds, without a wait."""

    def __init__(self, count):
        self.left = count

    def wait(self, _seconds):
        self.left -= 1
        return self.left < 0


def test_a_copy_that_fails_stops_neither_the_verifications_nor_the_next_copy(monkeypatch, caplog):
    done = []

    def fails(*, now):
        done.append("copy")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(audit.outside, "send_out", fails)
    monkeypatch.setattr(audit.checking, "work", done.append)
    audit._work_beside(Rounds(2))
    assert done == ["copy", *Log.values] * 2
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
