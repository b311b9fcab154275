"""Every file that comes in is scanned before anything is kept, and every one that goes out again, by a real clamd."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from audit.models import Entry
from disclosures.models import Document, DocumentContent, OutboxRow, Request, SearchRecord, Subject
from disclosures.selectors import NotThere
from disclosures.services.on_file import attach_document
from disclosures.states import State
from sealing.models import DataKey
from tests.scanner import EICAR, SIGNATURE, Scanner, a_clamd, an_impostor
from tests.services.log_lines import entries, last
from tests.services.test_scanner import PDF, mail, says
from tests.world import World

from .filling import filled
from .long_list import asked, long_road, send, table_of
from .test_company import walked, words
from .test_company_people import TWO, problems
from .test_company_people import send as send_people
from .work_pages import Browsers

pytestmark = pytest.mark.django_db

AWAY = "unix:///nonexistent/clamd.sock"
HARMFUL, TOO_MUCH, UNKNOWN = (
    "found something harmful",
    "too large or too deeply packed",
    "could not be scanned",
)


@pytest.fixture(scope="module")
def running() -> Iterator[Scanner]:
    with a_clamd() as scanner:
        yield scanner


@pytest.fixture
def clamd(running: Scanner, settings: LazySettings) -> Scanner:
    settings.CLAMD = running.unix
    return running


def attach(client: Client, request: Request, content: bytes, name: str = "quux.pdf") -> HttpResponse:
    upload = SimpleUploadedFile(name, content)
    return client.post(f"/requests/{request.reference}/attach/", {"purpose": "ORDER", "file": upload})


def kept(request: Request) -> tuple[int, ...]:
    """What there is that a file could have changed."""
    request.refresh_from_db()
    models = (Document, DocumentContent, OutboxRow, Subject, DataKey, SearchRecord)
    return (request.version, *(model.objects.count() for model in models))


# At the desk ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"), [("scan.pdf", PDF + EICAR), ("mail.eml", mail(EICAR))], ids=["scan", "mail"]
)
def test_a_harmful_file_is_refused_in_words_and_nothing_of_it_is_kept(
    world: World, browser_of: Browsers, clamd: Scanner, name: str, content: bytes
) -> None:
    request = world.request_in(State.SUBMITTED)
    before = kept(request)
    answer = attach(browser_of("clerk"), request, content, name)
    assert [HARMFUL in said and "nothing of it was kept" in said for said in problems(answer)] == [True]
    assert SIGNATURE not in answer.content.decode()
    assert filled(answer.content.decode(), "")["purpose"] == ["ORDER"]
    assert kept(request) == before
    entry = last("request.step_denied")
    assert entry["detail"] == {
        "action": "ATTACH", "objections": ["file_is_harmless"], "signature": f"{SIGNATURE}.UNOFFICIAL"
    }  # fmt: skip
    assert (entry["actor"]["ref"], entry["object"]["ref"]) == (world["clerk"].ref, request.reference)
    assert name not in str(entry)


def test_a_clean_file_goes_in_and_out(world: World, browser_of: Browsers, clamd: Scanner) -> None:
    request = world.request_in(State.SUBMITTED)
    assert attach(browser_of("clerk"), request, PDF).status_code == 302
    where = f"/requests/{request.reference}/documents/{Document.objects.get().reference}/"
    assert browser_of("handler").get(where).content == PDF
    assert entries("request.step_denied") == []


def test_while_the_scanner_is_away_no_file_is_taken(
    world: World, browser_of: Browsers, settings: LazySettings
) -> None:
    settings.CLAMD = AWAY
    request = world.request_in(State.SUBMITTED)
    before = kept(request)
    answer = attach(browser_of("clerk"), request, PDF)
    assert [UNKNOWN in said and "nothing of it was kept" in said for said in problems(answer)] == [True]
    assert filled(answer.content.decode(), "")["purpose"] == ["ORDER"]
    assert kept(request) == before
    assert last("request.step_denied")["detail"] == {"action": "ATTACH", "objections": ["scanner_answers"]}


def test_a_file_that_the_scanner_does_not_take_is_not_taken_here_either(
    world: World, browser_of: Browsers, settings: LazySettings
) -> None:
    request = world.request_in(State.SUBMITTED)
    before = kept(request)
    with a_clamd(StreamMaxLength="1M") as scanner:
        settings.CLAMD = scanner.unix
        answer = attach(browser_of("clerk"), request, PDF + b"0" * 2_000_000)
    assert [TOO_MUCH in said for said in problems(answer)] == [True]
    assert kept(request) == before
    assert last("request.step_denied")["detail"]["objections"] == ["file_can_be_scanned"]


def test_what_is_of_no_kind_that_is_kept_is_not_even_shown_to_the_scanner(
    world: World, browser_of: Browsers, settings: LazySettings
) -> None:
    with an_impostor(says(b"stream: OK\0")) as impostor:
        settings.CLAMD = impostor.unix
        answer = attach(browser_of("clerk"), world.request_in(State.SUBMITTED), EICAR, "scan.exe")
        assert (answer.status_code, impostor.asked) == (422, 0)


def test_what_was_clean_when_it_came_is_held_back_when_it_is_known_to_be_harmful(
    world: World, browser_of: Browsers, settings: LazySettings
) -> None:
    request = world.request_in(State.SUBMITTED)
    with a_clamd() as scanner:
        settings.CLAMD = scanner.unix
        attach(browser_of("clerk"), request, PDF)
        scanner.stop()
        scanner.knows(LearntLater=b"Placeholder Quux")
        scanner.start()
        where = f"/requests/{request.reference}/documents/{Document.objects.get().reference}/"
        answer = browser_of("handler").get(where)
    assert [HARMFUL in said and "not handed out" in said for said in problems(answer)] == [True]
    assert "Content-Disposition" not in answer
    assert b"Placeholder" not in answer.content
    assert last("request.step_denied")["detail"]["signature"] == "LearntLater.UNOFFICIAL"
    assert last("request.step_denied")["detail"]["action"] == "DOWNLOAD"
    settings.CLAMD = AWAY
    assert [UNKNOWN in said for said in problems(browser_of("handler").get(where))] == [True]
    settings.CLAMD = ""
    assert browser_of("handler").get(where).content == PDF


# Answers of data holders, and companies ------------------------------------------------------------------


def test_a_harmful_answer_to_a_search_is_refused_and_a_clean_one_taken(
    world: World, browser_of: Browsers, clamd: Scanner, settings: LazySettings
) -> None:
    task = asked(world, long_road(world, 30))
    rows = table_of(browser_of("holder"), task)
    before = kept(task.request)
    rows[7] |= {"result": "found", "what was found": EICAR.decode()}
    answer = send(browser_of("holder"), task, rows, rest_not_held="on", terms="Account number")
    assert [HARMFUL in said for said in problems(answer)] == [True]
    assert "Account number</textarea>" in answer.content.decode()
    assert kept(task.request) == before
    assert not SearchRecord.objects.exclude(result="").exists()
    assert last("request.step_denied")["detail"]["action"] == "SEARCH"
    rows[7] |= {"what was found": "One payment"}
    settings.CLAMD = AWAY
    answer = send(browser_of("holder"), task, rows, rest_not_held="on", terms="Account number")
    assert [UNKNOWN in said for said in problems(answer)] == [True]
    assert not SearchRecord.objects.exclude(result="").exists()
    settings.CLAMD = clamd.unix
    answer = send(browser_of("holder"), task, rows, rest_not_held="on", terms="Account number")
    assert answer.status_code == 302


def test_an_answer_without_a_file_needs_no_scanner(
    world: World, browser_of: Browsers, settings: LazySettings
) -> None:
    task = asked(world, long_road(world, 30))
    settings.CLAMD = AWAY
    assert send(browser_of("holder"), task, None, rest_not_held="on", terms="Name").status_code == 302


def test_a_companys_harmful_list_is_refused_before_it_is_read(
    world: World, browser_of: Browsers, clamd: Scanner, settings: LazySettings
) -> None:
    client, request = browser_of("outsider"), walked(world, State.DRAFT)
    before = kept(request)
    for address, expected in ((clamd.unix, HARMFUL), (AWAY, UNKNOWN)):
        settings.CLAMD = address
        answer = send_people(client, request.reference, TWO.encode() + EICAR)
        assert [expected in said for said in problems(answer)] == [True]
        assert SIGNATURE not in answer.content.decode()
        assert kept(request) == before
        assert last("request.step_denied")["detail"]["action"] == "PEOPLE"
    settings.CLAMD = clamd.unix
    assert "2 people" in words(send_people(client, request.reference, TWO))


# Silence -------------------------------------------------------------------------------------------------


def test_whoever_may_not_know_of_a_request_has_nothing_scanned_for_it(
    world: World, browser_of: Browsers, settings: LazySettings
) -> None:
    secret = world.road()
    secret.record(restricted=True)
    assert secret.request is not None
    with an_impostor(says(b"stream: Some.Name FOUND\0")) as impostor:
        settings.CLAMD = impostor.unix
        there = attach(browser_of("handler"), secret.request, PDF)
        absent = attach(browser_of("handler"), Request(reference="CP-2222-2222"), PDF)
        with pytest.raises(NotThere):
            attach_document(
                request_id=secret.request.pk, purpose="FORM", name="a.pdf", content=PDF, actor=world["handler"], now=world.now
            )  # fmt: skip
        assert (there.status_code, absent.status_code, impostor.asked) == (404, 404, 0)
    assert entries("request.step_denied") == []


def test_what_is_found_in_a_file_of_a_restricted_request_is_told_in_its_own_log_alone(
    world: World, browser_of: Browsers, clamd: Scanner, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    secret, clerk = world.road(), browser_of("clerk")
    secret.record(restricted=True)
    assert secret.request is not None
    before = Entry.objects.filter(log="main").count()
    for address in (clamd.unix, AWAY):
        settings.CLAMD = address
        assert attach(clerk, secret.request, PDF + EICAR).status_code == 422
    denied = Entry.objects.filter(event="request.step_denied")
    assert list(denied.values_list("log", flat=True)) == ["sealed", "sealed"]
    assert Entry.objects.filter(log="main").count() == before
    assert {record.name for record in caplog.records if secret.request.reference in record.getMessage()} <= {
        "django.request"  # that a form was refused, as of any other
    }
