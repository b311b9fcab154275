"""What is put on the file: sealed, logged, and kept from whoever does not see the request."""

from collections.abc import Callable

import pytest
from django.db import connection

from audit.models import Entry
from disclosures.models import Document
from disclosures.selectors import NotThere
from disclosures.selectors.on_file import links_of, open_document
from disclosures.selectors.opening import open_request
from disclosures.services import ActionRefused
from disclosures.services.access import restrict_request
from disclosures.services.on_file import (
    LARGEST,
    attach_document,
    link_request,
    record_correspondence,
    write_comment,
)
from disclosures.states import State
from tests.world import World

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nA scan of Placeholder Quux\n%%EOF\n"
MAIL = b"From: robin.sample@northshire.example\r\nSubject: Request\r\n\r\nPlease see the form.\r\n"


@pytest.mark.parametrize(
    ("name", "content", "media"),
    [
        ("scan.pdf", PDF, "application/pdf"),
        ("mail.EML", MAIL, "message/rfc822"),
        ("page.jpeg", b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        ("page.tif", b"II*\x00rest", "image/tiff"),
        ("page.png", b"\x89PNG\r\n\x1a\nrest", "image/png"),
    ],
)
def test_a_document_comes_back_byte_for_byte(world: World, name: str, content: bytes, media: str) -> None:
    request = world.request_in(State.SUBMITTED)
    document = attach_document(
        request_id=request.pk, purpose="FORM", name=name, content=content, actor=world["clerk"], now=world.now
    )
    assert document.media_type == media
    assert open_document(request, document.reference, actor=world["handler"], now=world.now) == (
        name,
        content,
    )
    assert Entry.objects.filter(event="document.downloaded").count() == 1


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("scan.pdf", b"", "empty"),
        ("scan.pdf", b"MZ\x90\x00", "its content does not"),
        ("scan.exe", PDF, "Only PDF, PNG, JPEG, TIFF and .eml"),
        ("scan", PDF, "Only PDF"),
        ("mail.eml", b"\x00\x01\x02", "its content does not"),
        ("scan.pdf", PDF + b"0" * LARGEST, "larger than 25 MB"),
    ],
    ids=["empty", "disguised", "program", "no ending", "no mail", "too large"],
)
def test_what_cannot_be_kept_is_refused_in_words(
    world: World, name: str, content: bytes, sentence: str
) -> None:
    request = world.request_in(State.SUBMITTED)
    with pytest.raises(ActionRefused) as refused:
        attach_document(
            request_id=request.pk, purpose="FORM", name=name, content=content, actor=world["clerk"], now=world.now
        )  # fmt: skip
    assert sentence in refused.value.sentences[0]
    assert not Document.objects.exists()


def test_the_largest_file_fits(world: World) -> None:
    request = world.request_in(State.SUBMITTED)
    content = PDF + b"0" * (LARGEST - len(PDF))
    document = attach_document(
        request_id=request.pk, purpose="FORM", name="scan.pdf", content=content, actor=world["clerk"], now=world.now
    )  # fmt: skip
    assert open_document(request, document.reference, actor=world["handler"], now=world.now)[1] == content


def test_no_column_holds_a_document_in_clear(world: World) -> None:
    request = world.request_in(State.SUBMITTED)
    attach_document(
        request_id=request.pk, purpose="FORM", name="quux.pdf", content=PDF, actor=world["clerk"], now=world.now
    )  # fmt: skip
    with connection.cursor() as cursor:
        for table in ("disclosures_document", "disclosures_documentcontent", "audit_entry"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            (text,) = cursor.fetchone()
            assert b"Quux".hex() not in text
            assert "quux.pdf" not in text
            assert b"quux.pdf".hex() not in text


@pytest.mark.parametrize(
    "put",
    [
        lambda world, request: write_comment(
            request_id=request.pk, words="Hm.", actor=world["holder"], now=world.now
        ),
        lambda world, request: attach_document(
            request_id=request.pk, purpose="FORM", name="a.pdf", content=PDF, actor=world["auditor"], now=world.now
        ),
    ],
)  # fmt: skip
def test_whoever_does_not_see_the_request_puts_nothing_on_it(
    world: World, put: Callable[..., object]
) -> None:
    with pytest.raises(NotThere):
        put(world, world.request_in(State.IN_REVIEW))


def test_a_call_and_a_comment_stand_in_the_history(world: World) -> None:
    request = world.request_in(State.VERIFYING)
    record_correspondence(
        request_id=request.pk, direction="IN", channel="TELEPHONE", at=world.now, with_whom="PC Sample",
        words="Asked when the answer comes.", actor=world["clerk"], now=world.now,
    )  # fmt: skip
    write_comment(request_id=request.pk, words="Mind the date.", actor=world["handler"], now=world.now)
    request.refresh_from_db()
    opened = open_request(request, actor=world["handler"], now=world.now)
    assert [row.words for row in opened.correspondence] == ["Asked when the answer comes."]
    assert [row.words for row in opened.comments] == ["Mind the date."]


def test_a_call_of_tomorrow_cannot_be_recorded(world: World) -> None:
    request = world.request_in(State.VERIFYING)
    with pytest.raises(ActionRefused) as refused:
        record_correspondence(
            request_id=request.pk, direction="IN", channel="TELEPHONE", at=world.now.replace(year=2100), with_whom=" ",
            words=" ", actor=world["clerk"], now=world.now,
        )  # fmt: skip
    assert len(refused.value.sentences) == 3


def test_a_link_is_seen_from_both_sides_and_only_by_those_who_see_both(world: World) -> None:
    one, other = world.request_in(State.SUBMITTED), world.request_in(State.SUBMITTED)
    link_request(
        request_id=one.pk, other_reference=other.reference.lower(), relation="REPEATS", reason="The same form.",
        actor=world["handler"], now=world.now,
    )  # fmt: skip
    assert [(link.reference, link.words) for link in links_of(one, world["handler"], world.now)] == [
        (other.reference, "Repeats it")
    ]
    assert [link.words for link in links_of(other, world["clerk"], world.now)] == ["Repeated by it"]
    restrict_request(
        request_id=other.pk, members={world["mlro"]: "MLRO"}, reason="Secret now.", actor=world["head"], now=world.now
    )  # fmt: skip
    assert links_of(one, world["handler"], world.now) == []


def test_a_hidden_request_and_none_at_all_are_refused_alike(world: World) -> None:
    one, hidden = world.request_in(State.SUBMITTED), world.request_in(State.SUBMITTED)
    restrict_request(
        request_id=hidden.pk, members={world["mlro"]: "MLRO"}, reason="Secret.", actor=world["head"], now=world.now
    )  # fmt: skip
    said = []
    for reference in (hidden.reference, "CP-2222-2222"):
        with pytest.raises(ActionRefused) as refused:
            link_request(
                request_id=one.pk, other_reference=reference, relation="REPEATS", reason="Why.",
                actor=world["handler"], now=world.now,
            )  # fmt: skip
        said.append([sentence.replace(reference, "") for sentence in refused.value.sentences])
    assert said[0] == said[1]
