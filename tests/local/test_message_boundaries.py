"""Where one request ends and the next begins, the server and a proxy before it must not disagree about: gunicorn as we start it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LENGTH = b"Content-Length: %d\r\n"
# Each is read as one request by one reader and as two by another.
AMBIGUOUS = {
    "a length and chunks": LENGTH % 5 + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": LENGTH % 0 + LENGTH % len(HIDDEN) + b"\r\n" + HIDDEN,
    "a list of lengths": b"Content-Length: 0, %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a length with a sign": b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "a space before the colon": b"Content-Length : 0\r\n\r\n" + HIDDEN,
    "chunks not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks by another name": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks twice": CHUNKED + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "a size that is none": CHUNKED + b"\r\n0x0\r\n\r\n" + HIDDEN,
    "a folded header": b"X: a\r\n Content-Length: 0\r\n\r\n" + HIDDEN,
    "a bare line feed": b"X: a\nContent-Length: 0\r\n\r\n" + HIDDEN,
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "cpdisclose/gunicorn.py", "-b", f"127.0.0.1:{port}", "tests.local.echo:application"]  # fmt: skip
    env = os.environ | {"WEB_WORKERS": "1", "WEB_THREADS": "2"}
    server = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < end, "gunicorn did not come"
                time.sleep(0.05)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def answers(port: int, sent: bytes) -> bytes:
    """All that comes back until the server closes, or has said nothing more for a second."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
        line.sendall(sent)
        got = b""
        try:
            while part := line.recv(65536):
                got += part
        except (TimeoutError, ConnectionResetError):
            pass
        return got


def test_what_is_plain_is_answered_one_after_the_other(port: int) -> None:
    """Else the tests below would find nothing wherever it went wrong."""
    length = b"POST /a HTTP/1.1\r\nHost: a\r\n" + LENGTH % 3 + b"\r\nabc"
    chunks = b"POST /b HTTP/1.1\r\nHost: a\r\n" + CHUNKED + b"\r\n2\r\nab\r\n0\r\n\r\n"
    got = answers(port, length + chunks + HIDDEN)
    assert [text in got for text in (b"[POST /a 3]", b"[POST /b 2]", b"[GET /hidden 0]")] == [True] * 3


@pytest.mark.parametrize("what", AMBIGUOUS)
def test_what_could_be_read_in_two_ways_is_refused_and_hides_no_second_request(port: int, what: str) -> None:
    got = answers(port, b"POST /seen HTTP/1.1\r\nHost: a\r\n" + AMBIGUOUS[what])
    assert b"/hidden" not in got
    assert b" 400 " in got or b" 501 " in got or got == b""
