"""Who answers with what is no answer is away: the signing goes on, and it is tried again."""

import socket
import threading
from datetime import UTC, datetime

import pytest

from audit import outside
from audit.cosignature import Cosigner
from audit.models import OutsideCopy
from audit.witnessing import Away, Witness

from .conftest import default_connection
from .log_desk import LogDesk

KEY = Cosigner("witness.example/w1", bytes(range(32))).witness_key
ANSWERS = [
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"HTTP/1.1 nonsense\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe",
    b"HTTP/1.1 503 Away\r\nContent-Length: 500\r\n\r\nshort",
    b"HTTP/1.1 409 Conflict\r\n\r\n" + b"9" * 5_000,
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    b"",
]


@pytest.fixture(params=ANSWERS)
def url(request):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            while True:
                try:
                    other, _ = listening.accept()
                except OSError:
                    return
                with other:
                    other.recv(65_536)
                    other.sendall(request.param)

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def test_a_witness_is_away(url):
    with pytest.raises(Away):
        Witness(url, KEY).submit("text\n", "note", 0, [])


@pytest.mark.committed
def test_the_signing_goes_on(url, committed_db, settings):
    settings.AUDIT_WITNESSES = f"{url} {KEY.vkey}"
    with committed_db.connect("owner") as owner:
        desk = LogDesk(committed_db, owner).write(3)
        assert desk.sizes == [4]


@pytest.mark.committed
def test_an_authority_is_tried_again(url, committed_db, settings, tmp_path):
    settings.AUDIT_TSA_URL, settings.AUDIT_TSA_CERTIFICATES = url, str(tmp_path / "roots.pem")
    (tmp_path / "roots.pem").write_text("")
    with committed_db.connect("owner") as owner:
        LogDesk(committed_db, owner).write(3)
        with default_connection(committed_db, "sequencer"):
            outside.send_out(now=datetime.now(UTC))
            assert not OutsideCopy.objects.exists()
