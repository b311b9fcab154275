"""The commands on a sound log, and what each says when it cannot do what it is asked."""

import base64

import pytest
from django.core.management import CommandError
from django.db import transaction

from audit import proof, tlog_proof, tree
from audit.checkpoint import parse
from audit.logs import verifiers
from audit.models import Log
from audit.note import open_note

from .conftest import tampering
from .desk import make_office
from .log_desk import LogDesk

pytestmark = pytest.mark.committed


@pytest.fixture
def desk(committed_db):
    with committed_db.connect("owner") as owner:
        yield LogDesk(committed_db, owner)


@pytest.fixture
def filled(desk):
    return desk.write(10, 300, 1, 255)


def test_a_sound_log_is_whole_for_every_role_that_reads_it(filled):
    for role in ("auditor", "app", "sequencer", "owner"):
        assert "main: 567 entries and 4 checkpoints agree." in filled.run("verify", role=role)
    assert "sealed: 0 entries and 0 checkpoints agree." in filled.run("verify", "--log", "sealed")


def test_it_says_what_a_log_cannot_see_of_itself(filled, tmp_path):
    held = tmp_path / "kept"
    held.write_text(filled.run("checkpoint"))
    assert "Only a checkpoint that somebody else holds" in filled.run("verify")
    told = filled.run("verify", "--held", held)
    assert "5 checkpoints, 1 of them kept elsewhere agree" in told
    assert "Only" not in told


@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_it_goes_on_from_any_checkpoint(filled, which):
    assert "567 entries" in filled.run("verify", "--since", filled.sizes[which])


def test_it_goes_on_from_no_size_that_was_not_signed(filled):
    with pytest.raises(CommandError, match="no checkpoint of size 12 to go on from"):
        filled.run("verify", "--since", 12)


def test_the_checkpoints_below_are_not_looked_at_again(filled):
    """Else a log that is verified as it grows would look at each of them every time; the whole of it is for that."""
    with tampering(filled.owner):
        filled.owner.execute(
            "UPDATE audit_checkpoint SET note = replace(note, '— ', '- ') WHERE size = %s", [filled.sizes[0]]
        )
    assert "567 entries and 2 checkpoints agree" in filled.run("verify", "--since", filled.sizes[2])
    with pytest.raises(CommandError, match="not whole"):
        filled.run("verify")


def test_it_does_not_go_on_above_a_tree_that_was_not_signed(filled):
    with tampering(filled.owner):
        filled.owner.execute(
            "UPDATE audit_tile SET hashes = set_byte(hashes, 5, get_byte(hashes, 5) # 1) WHERE level = 1"
        )
    with pytest.raises(CommandError, match="not the one that was signed"):
        filled.run("verify", "--since", filled.sizes[1])


def test_the_logs_of_an_office_are_whole(desk):
    office = make_office()
    office.hire("Somebody Else", None)
    for log in Log.values:
        desk.log = log
        desk.sign()
        assert "agree" in desk.run("verify", "--log", log)


def test_a_checkpoint_of_another_log_is_not_compared(filled, tmp_path):
    desk = LogDesk(filled.database, filled.owner, "sealed").write(3)
    held = tmp_path / "kept"
    held.write_text(desk.run("checkpoint", "--log", "sealed"))
    with pytest.raises(CommandError, match="is no checkpoint of this log"):
        filled.run("verify", "--held", held)
    for text in ("", "nonsense"):
        held.write_text(text)
        with pytest.raises(CommandError, match="is no checkpoint of this log"):
            filled.run("verify", "--held", held)


def test_the_checkpoint_is_printed_as_it_was_signed(filled):
    assert filled.run("checkpoint") == filled.note(567)
    with pytest.raises(CommandError, match="has no checkpoint yet"):
        filled.run("checkpoint", "--log", "sealed")


def test_a_proof_of_an_entry_is_a_file_of_its_own(filled):
    entry_id = filled.entry_at(300)
    found = tlog_proof.parse(filled.run("prove", "--entry", entry_id))
    assert found.index == 300
    assert parse(open_note(found.note, verifiers("main"))).size == 567
    found.check(found.extra)
    assert f'"id":{entry_id},'.encode() in found.extra


def test_what_is_not_in_the_log_is_not_proved(filled):
    with pytest.raises(CommandError, match="The log main has no entry 5"):
        filled.run("prove", "--entry", 5)
    with pytest.raises(CommandError, match="The log sealed has no entry"):
        filled.run("prove", "--entry", filled.entry_at(3), "--log", "sealed")
    with transaction.atomic():
        make_office()
    waiting = filled.one("SELECT id FROM audit_entry WHERE event = 'user.registered' LIMIT 1")
    with pytest.raises(CommandError, match="has no index yet"):
        filled.run("prove", "--entry", waiting)


@pytest.mark.parametrize("old", [0, 1, 11, 256, 311, 567])
def test_any_size_is_shown_to_be_the_beginning_of_a_checkpoint(filled, old):
    before, _, note = filled.run("consistency", old, 567).partition("\n\n")
    first, *steps = before.split("\n")
    assert first == f"old {old}"
    head = parse(open_note(note, verifiers("main")))
    leaves = [
        tree.leaf_hash(body)
        for (body,) in filled.owner.execute(
            "SELECT body FROM audit_leaf JOIN audit_entry ON id = entry_id ORDER BY index LIMIT %s", [old]
        )
    ]
    old_root = tree.root(tree.append(tree.Edge(), leaves)[0])
    proof.check_consistency(
        old=old,
        new=567,
        old_root=old_root,
        new_root=head.root,
        proof=[base64.b64decode(step) for step in steps],
    )


def test_sizes_that_do_not_follow_are_refused_in_words(filled):
    with pytest.raises(CommandError, match="no checkpoint of size 400"):
        filled.run("consistency", 3, 400)
    with pytest.raises(CommandError, match="does not grow out of"):
        filled.run("consistency", 400, 311)


def test_an_export_has_the_layout_of_tlog_tiles(filled, tmp_path):
    folder = tmp_path / "out"
    assert "567 entries" in filled.run("export", folder)
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {
        "checkpoint",
        "keys",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/55",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/55",
    }
    assert (folder / "checkpoint").read_text() == filled.note(567)
    assert (folder / "keys").read_text() == f"{verifiers('main')[0].vkey}\n"
    bundle = (folder / "tile/entries/002.p/55").read_bytes()
    hashes = []
    while bundle:
        end = 2 + int.from_bytes(bundle[:2], "big")
        hashes.append(tree.leaf_hash(bundle[2:end]))
        bundle = bundle[end:]
    assert b"".join(hashes) == (folder / "tile/0/002.p/55").read_bytes()


def test_an_export_goes_into_an_empty_folder(filled, tmp_path):
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(CommandError, match="is not empty"):
        filled.run("export", tmp_path)
    assert (tmp_path / "mine").read_text() == "kept"


def test_an_export_without_all_entries_has_no_checkpoint(filled, tmp_path):
    with tampering(filled.owner):
        filled.owner.execute("ALTER TABLE audit_leaf DROP CONSTRAINT IF EXISTS audit_leaf_pkey CASCADE")
        filled.owner.execute("DELETE FROM audit_leaf WHERE index = 20")
    with pytest.raises(CommandError, match="is gone"):
        filled.run("export", tmp_path / "out")
    assert not (tmp_path / "out" / "checkpoint").exists()
