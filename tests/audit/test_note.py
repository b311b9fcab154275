"""Signed notes and checkpoints: published examples, and everything that must be refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import checkpoint
from audit.checkpoint import NotACheckpoint, TreeHead
from audit.note import MOST_SIGNATURES, NoteRefused, Signer, Verifier, open_note, sign

# The example of Go's golang.org/x/mod/sumdb/note.
NEUMANN = Verifier("PeterNeumann", base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:])
SAYING = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
SIGNED = (
    SAYING + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

LOG = Signer("log.example/main", bytes(range(32)))
NEXT = Signer("log.example/main", bytes(range(1, 33)))
OTHER = Signer("other.example", bytes(32))
TEXT = TreeHead("log.example/main", 70_000, bytes(range(32))).text()


def test_a_note_that_go_signed_opens():
    assert NEUMANN.key_id.hex() == "c74f20a3"
    assert open_note(SIGNED, [NEUMANN]) == SAYING


def test_our_signature_is_the_one_go_makes():
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    assert sign(SAYING, [Signer("PeterNeumann", seed)]) == SIGNED


def test_what_is_signed_opens_with_the_public_key():
    assert open_note(sign(TEXT, [LOG]), [LOG.verifier]) == TEXT


def test_old_and_new_key_stand_side_by_side():
    note = sign(TEXT, [LOG, NEXT])
    for readers in ([LOG.verifier], [NEXT.verifier], [LOG.verifier, NEXT.verifier]):
        assert open_note(note, readers) == TEXT


def test_signatures_of_strangers_are_ignored():
    assert open_note(sign(TEXT, [OTHER, LOG]), [LOG.verifier]) == TEXT
    with pytest.raises(NoteRefused, match="No key"):
        open_note(sign(TEXT, [OTHER]), [LOG.verifier])


def test_one_wrong_signature_of_a_known_key_spoils_the_note():
    good = sign(TEXT, [LOG])
    wrong = NEXT.signature_line(TEXT + "more\n")
    with pytest.raises(NoteRefused, match="wrong"):
        open_note(good + wrong, [LOG.verifier, NEXT.verifier])


def test_a_doubled_signature_is_refused():
    note = sign(TEXT, [LOG])
    with pytest.raises(NoteRefused, match="twice"):
        open_note(note + LOG.signature_line(TEXT), [LOG.verifier])


@given(st.integers(0, len(TEXT.encode()) - 2), st.integers(1, 255))
def test_no_byte_of_the_text_can_change(at, flip):
    note = bytearray(sign(TEXT, [LOG]).encode())
    note[at] ^= flip
    try:
        changed = note.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(NoteRefused):
        open_note(changed, [LOG.verifier])


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("\n", "\r\n"),
        lambda note: note + "\n",
        lambda note: note[:-1],
        lambda note: note.replace("—", "-"),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note + "\n" + OTHER.signature_line(TEXT),
        lambda note: note.replace("70000", "70000\t"),
        lambda note: note + "— other.example\n",
        lambda note: note + "— other.example AAAA\n",
        lambda note: note + OTHER.signature_line(TEXT).replace("=", ""),
        lambda note: note + OTHER.signature_line(TEXT) * MOST_SIGNATURES,
        lambda note: "",
    ],
)
def test_a_note_in_any_other_form_is_refused(change):
    note = sign(TEXT, [LOG])
    assert change(note) != note
    with pytest.raises(NoteRefused):
        open_note(change(note), [LOG.verifier])


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\n", "\u2003wide"])
def test_a_key_name_is_one_word(name):
    with pytest.raises(ValueError, match="name"):
        Verifier(name, bytes(32))


def test_a_private_key_does_not_show_itself():
    assert "\\x01" not in repr(LOG)
    assert LOG.seed.hex() not in repr(LOG)


@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_reads_back(size, root):
    written = TreeHead("log.example/main", size, root)
    assert checkpoint.parse(written.text()) == written


@pytest.mark.parametrize(
    "text",
    [
        TEXT + "extension\n",
        TEXT.replace("70000", "070000"),
        TEXT.replace("70000", "+70000"),
        TEXT.replace("70000", "٧"),
        TEXT.replace("70000", "-1"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("=\n", "\n"),
        TEXT.replace("AAEC", "AAE"),
        TEXT.replace("log.example/main", ""),
        TEXT[:-1],
        "",
        "log.example/main\n1\nAAAA\n",
    ],
)
def test_a_checkpoint_in_any_other_form_is_refused(text):
    with pytest.raises(NotACheckpoint):
        checkpoint.parse(text)
