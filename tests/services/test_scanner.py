"""What clamd says of a file is understood, and whatever is not understood has found nothing out."""

import base64
import gzip
import io
import re
import socket
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.utils import timezone

from cpdisclose.health import progress
from disclosures.documents import malware
from disclosures.documents.malware import Finding, Verdict, answers, scan
from disclosures.services.on_file import attach_document
from disclosures.states import State
from tests.conftest import Database
from tests.scanner import EICAR, ROOT, SIGNATURE, Scanner, a_clamd, an_impostor, read_all
from tests.world import make_world

IN_A_TRANSACTION = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'app' AND xact_start IS NOT NULL"
CLEAN, UNKNOWN = Verdict(Finding.CLEAN), Verdict(Finding.UNKNOWN)
HARMFUL = Verdict(Finding.HARMFUL, f"{SIGNATURE}.UNOFFICIAL")
MB = 1024 * 1024
PDF = b"%PDF-1.7\nA scan of Placeholder Quux\n%%EOF\n"


@pytest.fixture(scope="module")
def running() -> Iterator[Scanner]:
    with a_clamd() as scanner:
        yield scanner


@pytest.fixture(scope="module")
def small() -> Iterator[Scanner]:
    """The same, with a fiftieth of the limits."""
    with a_clamd(MaxScanSize="8M", MaxFileSize="9M") as scanner:
        yield scanner


@pytest.fixture(params=["unix", "tcp"])
def clamd(request: pytest.FixtureRequest, running: Scanner, settings: LazySettings) -> Scanner:
    settings.CLAMD = getattr(running, request.param)
    return running


def mail(attached: bytes) -> bytes:
    head = b"From: robin.sample@northshire.example\r\nSubject: Request\r\nMIME-Version: 1.0\r\n"
    parts = b'Content-Type: multipart/mixed; boundary="cut"\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\nPlease see the form.\r\n'
    file = b'--cut\r\nContent-Type: application/octet-stream; name="form.doc"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head + parts + file + base64.encodebytes(attached) + b"\r\n--cut--\r\n"


def zipped(content: bytes, *, times: int = 1) -> bytes:
    for _ in range(times):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("form.txt", content)
        content = made.getvalue()
    return content


# A real clamd --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [PDF, mail(b"A form"), zipped(PDF), b"x", PDF + b"0" * (25 * MB)],
    ids=["a scan", "a mail", "packed", "a letter", "the largest"],
)
def test_what_holds_nothing_harmful_is_clean(clamd: Scanner, content: bytes) -> None:
    assert scan(content) == CLEAN


@pytest.mark.parametrize(
    "content",
    [EICAR, PDF + EICAR, mail(EICAR), zipped(EICAR), mail(zipped(EICAR, times=3)), PDF + b"0" * (24 * MB) + EICAR],
    ids=["bare", "in a scan", "in a mail", "packed", "packed in a mail", "at the end of a large file"],
)  # fmt: skip
def test_what_is_harmful_is_found_wherever_it_hides(clamd: Scanner, content: bytes) -> None:
    assert scan(content) == HARMFUL


def test_a_file_that_it_does_not_take_is_called_too_much_and_not_clean(clamd: Scanner) -> None:
    assert [scan(PDF + b"0" * (28 * MB)) for _ in range(5)] == [Verdict(Finding.TOO_MUCH)] * 5


@pytest.mark.parametrize(
    ("content", "limit"),
    [
        (zipped(b"0" * (9 * MB) + EICAR), "MaxScanSize"),
        (mail(zipped(b"0" * (15 * MB) + EICAR)), "MaxScanSize"),
        (gzip.compress(b"0" * (9 * MB) + EICAR), "MaxScanSize"),
        (zipped(EICAR, times=40), "MaxRecursion"),
    ],
    ids=["in a zip", "in a zip in a mail", "in a gzip", "packed forty times"],
)
def test_a_file_that_it_did_not_look_through_is_called_too_much_and_not_clean(
    small: Scanner, settings: LazySettings, content: bytes, limit: str
) -> None:
    settings.CLAMD = small.unix
    assert scan(content) == Verdict(Finding.TOO_MUCH, f"Heuristics.Limits.Exceeded.{limit}")


def test_the_limits_are_those_under_which_it_says_so(settings: LazySettings) -> None:
    limits = dict(re.findall(r"^(\w+) (\d+)M?$", (ROOT / "docker" / "clamd.conf").read_text(), re.M))
    assert int(limits["StreamMaxLength"]) * MB > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    assert int(limits["MaxFileSize"]) > int(limits["MaxScanSize"])
    assert int(limits["MaxScanTime"]) < malware.SECONDS * 1000


def test_many_at_once_get_their_own_answers(clamd: Scanner) -> None:
    files = [PDF, EICAR, PDF + b"0" * MB, mail(EICAR)] * 10
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(scan, files)) == [CLEAN, HARMFUL] * 20


def test_it_keeps_nothing_of_what_it_saw(clamd: Scanner) -> None:
    scan(PDF)
    scan(mail(EICAR))
    ends = monotonic() + 5  # it answers first and tidies up then
    while list((clamd.folder / "tmp").iterdir()) and monotonic() < ends:
        sleep(0.02)
    assert list((clamd.folder / "tmp").iterdir()) == []
    log = (clamd.folder / "log").read_text()
    assert SIGNATURE in log
    assert "Quux" not in log
    assert "form" not in log


def test_while_it_is_away_nothing_is_clean(settings: LazySettings) -> None:
    with a_clamd() as scanner:
        for address in (scanner.unix, scanner.tcp):
            settings.CLAMD = address
            assert (answers(), scan(PDF)) == (True, CLEAN)
        scanner.stop()
        for address in (scanner.unix, scanner.tcp):
            settings.CLAMD = address
            assert (answers(), scan(PDF)) == (False, UNKNOWN)
        scanner.start()
        assert (answers(), scan(PDF)) == (True, CLEAN)


# What a real one cannot be made to do --------------------------------------------------------------------


def says(answer: bytes) -> Callable[[socket.socket], None]:
    def behave(wire: socket.socket) -> None:
        read_all(wire)
        wire.sendall(answer)

    return behave


def for_ever(wire: socket.socket) -> None:
    """A letter now and then, so that no wait for a single one is ever too long."""
    read_all(wire)
    while True:
        wire.sendall(b"s")
        sleep(0.05)


def a_letter_at_a_time(wire: socket.socket) -> None:
    read_all(wire)
    for letter in b"stream: OK\0":
        wire.sendall(bytes([letter]))


def silent(wire: socket.socket) -> None:
    read_all(wire)
    wire.recv(1)


def deaf(wire: socket.socket) -> None:
    """Takes no more than fits in between."""
    wire.recv(10)
    sleep(1)


def hangs_up(wire: socket.socket) -> None:
    wire.recv(10)


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\0", b"stream: O", b"stream: OK", b"stream: OK\n", b"OK\0", b"stream: ok\0", b"stream:  OK\0", b"PONG\0",
        b"UNKNOWN COMMAND\0", b"stream: Can't allocate memory ERROR\0", b"stream: Some.Name", b"stream: Some.Name FOUND",
        b"stream: OK\0stream: Some.Name FOUND\0", b"stream: FOUND\0", b"\xff\xfe\0", b"HTTP/1.1 200 OK\r\n\r\n",
        b"INSTREAM size limit exceeded. ERROR", b"s" * 9000,
    ],
)  # fmt: skip
def test_an_answer_that_is_not_understood_has_found_nothing_out(
    answer: bytes, settings: LazySettings
) -> None:
    with an_impostor(says(answer)) as impostor:
        settings.CLAMD = impostor.unix
        assert scan(PDF) == UNKNOWN
        assert impostor.asked == 1


def test_an_answer_may_come_in_pieces(settings: LazySettings) -> None:
    with an_impostor(a_letter_at_a_time) as impostor:
        settings.CLAMD = impostor.unix
        assert scan(PDF) == CLEAN


def test_the_name_of_what_was_found_is_a_code_whatever_it_says(settings: LazySettings) -> None:
    with an_impostor(says(b"stream: Alex Example <b>\r\n\xe9" + b"x" * 300 + b" FOUND\0")) as impostor:
        settings.CLAMD = impostor.unix
        finding, signature = scan(PDF)
    assert finding == Finding.HARMFUL
    assert signature == "Alex_Example__b____" + "x" * 81


@pytest.mark.parametrize("behave", [silent, for_ever, deaf, hangs_up], ids=lambda behave: behave.__name__)
def test_it_is_waited_for_so_long_and_no_longer(
    behave: Callable[[socket.socket], None], settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(malware, "SECONDS", 0.3)
    with an_impostor(behave) as impostor:
        settings.CLAMD = impostor.unix
        began = monotonic()
        assert scan(PDF + b"0" * (4 * MB)) == UNKNOWN
        assert monotonic() - began < 1


@pytest.mark.parametrize(
    "address",
    ["unix:///nonexistent/clamd.sock", f"unix:///{'long' * 40}", "tcp://127.0.0.1:1", "tcp://127.0.0.1:99999", "tcp://["],
)  # fmt: skip
def test_where_nobody_listens_nothing_is_clean(address: str, settings: LazySettings) -> None:
    settings.CLAMD = address
    assert (scan(PDF), answers()) == (UNKNOWN, False)


# Whoever runs the site -----------------------------------------------------------------------------------


def told() -> set[str | None]:
    found = run_checks(include_deployment_checks=True)
    return {one.id for one in found if (one.id or "").startswith("disclosures.")}


def test_whoever_runs_the_site_hears_that_nothing_is_scanned(settings: LazySettings, db: None) -> None:
    assert settings.CLAMD == ""
    found = [one for one in run_checks(include_deployment_checks=True) if one.id == "disclosures.I001"]
    assert [one.is_serious() for one in found] == [False]
    assert progress(timezone.now())["files"] == "not scanned"


def test_whoever_runs_the_site_hears_of_a_scanner_that_is_away(
    running: Scanner, settings: LazySettings, db: None
) -> None:
    now = timezone.now()
    settings.CLAMD = running.unix
    assert (told(), progress(now)["files"]) == (set(), "ok")
    settings.CLAMD = "unix:///nonexistent/clamd.sock"
    assert (told(), progress(now)["files"]) == ({"disclosures.W001"}, "down")


@pytest.mark.committed
def test_a_file_is_scanned_outside_every_transaction(committed_db: Database, settings: LazySettings) -> None:
    """A scanner that takes its time holds no row of the request, and nobody else up."""
    world = make_world()
    request = world.request_in(State.SUBMITTED)
    seen = []

    def look(wire: socket.socket) -> None:
        read_all(wire)
        with committed_db.connect("owner") as owner:
            seen.append(owner.execute(IN_A_TRANSACTION).fetchone())
        wire.sendall(b"stream: OK\0")

    with an_impostor(look) as impostor:
        settings.CLAMD = impostor.unix
        attach_document(
            request_id=request.pk, purpose="FORM", name="a.pdf", content=PDF, actor=world["clerk"], now=world.now
        )  # fmt: skip
    assert seen == [(0,)]
