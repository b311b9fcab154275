"""Whoever is asked outside the house cannot send us on to an address that nobody set."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import Request

import pytest

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


def test_nothing_else_of_the_program_asks_another_server() -> None:
    apps = ("accounts", "audit", "cpdisclose", "disclosures", "privacy", "sealing")
    files = [path for app in apps for path in sorted((ROOT / app).rglob("*.py"))]
    asking = re.compile(
        r"\burlopen\b|build_opener|HTTPSConnection|\bHTTPConnection\b|\brequests\.(get|post)\b|\bhttpx\b"
    )
    found = {str(path.relative_to(ROOT)) for path in files if asking.search(path.read_text())}
    assert found == {"audit/asking.py", "cpdisclose/local/parts.py"}, "the second asks this machine alone"
