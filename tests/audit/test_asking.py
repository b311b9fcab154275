"""Whoever is asked outside the house cannot send us on to an address that nobody set."""

import re
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from audit.asking import ask
from tests.architecture.source import ROOT

ASKED: list[str] = []


class Elsewhere(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ASKED.append(self.path)
        if self.path == "/there":
            self.send_response(200)
        else:
            self.send_response(int(self.path[1:]))
            self.send_header("Location", "/there")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    ASKED.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("data", [None, b"sent"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(url: str, status: int, data: bytes | None) -> None:
    with pytest.raises(HTTPError) as told:
        ask(Request(f"{url}/{status}", data=data), timeout=5)
    told.value.close()
    assert told.value.code == status
    assert [f"/{status}"] == ASKED


def test_what_answers_is_read(url: str) -> None:
    with ask(Request(f"{url}/there"), timeout=5) as answer:
        assert answer.status == 200


@pytest.fixture
def nobody_vouches_for_it(tmp_path: Path) -> Iterator[str]:
    """The address of a server whose certificate it made itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begins = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    own = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    both = tmp_path / "own.pem"
    both.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *own) + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    server = Unheard(("127.0.0.1", 0), Elsewhere)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}/there"
    server.shutdown()
    thread.join()
    server.server_close()


class Unheard(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Whoever hangs up on it is what the test is for."""


def test_a_server_for_which_nobody_vouches_is_told_nothing(nobody_vouches_for_it: str) -> None:
    ASKED.clear()
    with pytest.raises(URLError) as told:
        ask(Request(nobody_vouches_for_it, data=b"sent"), timeout=5)
    assert isinstance(told.value.reason, ssl.SSLCertVerificationError)
    assert ASKED == []


def test_nothing_else_of_the_program_asks_another_server() -> None:
    apps = ("accounts", "audit", "cpdisclose", "disclosures", "privacy", "sealing")
    files = [path for app in apps for path in sorted((ROOT / app).rglob("*.py"))]
    asking = re.compile(
        r"\burlopen\b|build_opener|HTTPSConnection|\bHTTPConnection\b|\brequests\.(get|post)\b|\bhttpx\b"
    )
    found = {str(path.relative_to(ROOT)) for path in files if asking.search(path.read_text())}
    assert found == {"audit/asking.py", "cpdisclose/local/parts.py"}, "the second asks this machine alone"
