"""The pages of the file: upload without a trace on disk, download only, and a call in one click."""

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from disclosures.models import Comment, Correspondence, Document
from disclosures.states import State
from tests.world import World

from .work_pages import Browsers

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n" + b"x" * 4_000_000


def test_a_scan_is_attached_and_only_ever_downloaded(
    world: World, browser_of: Browsers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    request = world.request_in(State.SUBMITTED)
    where = f"/requests/{request.reference}/attach/"
    upload = SimpleUploadedFile("Scan of the form.pdf", PDF, "text/html")
    answer = browser_of("clerk").post(where, {"purpose": "FORM", "file": upload})
    assert answer.status_code == 302
    assert list(tmp_path.iterdir()) == []
    document = Document.objects.get()
    page = browser_of("handler").get(f"/requests/{request.reference}/")
    assert b"Scan of the form.pdf" in page.content
    got = browser_of("handler").get(f"/requests/{request.reference}/documents/{document.reference}/")
    assert got.content == PDF
    assert got["Content-Disposition"] == 'attachment; filename="Scan of the form.pdf"'
    assert (got["Content-Type"], got["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert "sandbox" in got["Content-Security-Policy"]


def test_a_document_is_there_only_under_its_own_request(world: World, browser_of: Browsers) -> None:
    request, other = world.request_in(State.SUBMITTED), world.request_in(State.SUBMITTED)
    upload = SimpleUploadedFile("scan.pdf", b"%PDF-1.7\n", "application/pdf")
    browser_of("clerk").post(f"/requests/{request.reference}/attach/", {"purpose": "FORM", "file": upload})
    name = Document.objects.get().reference
    assert browser_of("handler").get(f"/requests/{other.reference}/documents/{name}/").status_code == 404
    for key in ("holder", "auditor", "admin", "outsider"):
        assert browser_of(key).get(f"/requests/{request.reference}/documents/{name}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("scan.pdf", b"", "empty"),
        ("scan.pdf", b"MZ\x90", "its content does not"),
        ("scan.html", b"<p>", "Only PDF"),
        ("scan.pdf", b"%PDF-" + b"0" * (27 * 1024 * 1024), "at most 25 MB"),
    ],
    ids=["empty", "disguised", "page", "too large"],
)
def test_a_file_that_cannot_be_kept_is_answered_in_words(
    world: World, browser_of: Browsers, name: str, content: bytes, sentence: str
) -> None:
    request = world.request_in(State.SUBMITTED)
    answer = browser_of("clerk").post(
        f"/requests/{request.reference}/attach/",
        {"purpose": "FORM", "file": SimpleUploadedFile(name, content)},
    )
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_telephone_call_is_recorded_one_click_from_the_request(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.VERIFYING)
    page = browser_of("clerk").get(f"/requests/{request.reference}/").content.decode()
    where = f"/requests/{request.reference}/correspondence/"
    assert f'<a href="{where}">Record a call, letter or mail</a>' in page
    assert browser_of("clerk").get(where).status_code == 200
    now = world.now.astimezone()
    given = {
        "direction": "IN", "channel": "TELEPHONE", "with_whom": "PC Sample", "words": "Asked how long it takes.",
        "at_day": "1", "at_month": "1", "at_year": str(now.year), "at_time": "14:05",
    }  # fmt: skip
    assert browser_of("clerk").post(where, {**given, "words": ""}).status_code == 422
    assert browser_of("clerk").post(where, given).status_code == 302
    assert Correspondence.objects.get().channel == "TELEPHONE"
    assert (
        "Asked how long it takes."
        in browser_of("handler").get(f"/requests/{request.reference}/").content.decode()
    )


def test_a_comment_and_a_link_have_their_pages(world: World, browser_of: Browsers) -> None:
    request, other = world.request_in(State.VERIFYING), world.request_in(State.VERIFYING)
    base = f"/requests/{request.reference}/"
    handler = browser_of("handler")
    assert handler.post(f"{base}comments/", {"words": "Look at the dates."}).status_code == 302
    assert Comment.objects.count() == 1
    assert "Look at the dates." in handler.get(f"{base}comments/").content.decode()
    given = {"other_reference": other.reference, "relation": "SAME_MATTER", "reason": "One robbery."}
    assert handler.post(f"{base}link/", given).status_code == 302
    assert other.reference in handler.get(base).content.decode()
    assert other.reference in handler.get(f"{base}link/").content.decode()
    assert handler.post(f"{base}link/", given).status_code == 422
