"""Checkpoints leave the house: into a folder, to a time-stamp authority, by mail; and the page says when none did."""

import random
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from audit import outside, tsa
from audit.logs import signers
from audit.models import Checkpoint, Entry, OutsideCopy, Verification
from audit.tasks import copies as task
from audit.tasks import verify
from cpdisclose.health import progress
from disclosures import outbox
from disclosures.models import OutboxRow
from disclosures.services import log_mail
from disclosures.services.delivering import deliver

from .conftest import default_connection, tampering
from .desk import browser, make_office
from .log_desk import LogDesk
from .rewriting import edit, rehash, resign
from .tsa_desk import an_authority
from .witness_desk import a_witness

pytestmark = pytest.mark.committed

CHECKPOINTS = reverse("audit:checkpoints")
Kind = OutsideCopy.Kind


@pytest.fixture
def office(committed_db):
    return make_office()


@pytest.fixture
def auditor(office):
    return browser(office.auditor)


@pytest.fixture
def desk(committed_db, office):
    with committed_db.connect("owner") as owner:
        yield LogDesk(committed_db, owner).write(30)


@pytest.fixture
def folder(tmp_path, settings):
    settings.AUDIT_COPY_DIR = str(tmp_path / "copies")
    Path(settings.AUDIT_COPY_DIR).mkdir()
    return Path(settings.AUDIT_COPY_DIR)


@pytest.fixture
def authority(tmp_path, settings):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed here")
    with an_authority(tmp_path / "tsa") as made:
        settings.AUDIT_TSA_URL, settings.AUDIT_TSA_CERTIFICATES = made.url, str(made.root)
        yield made


def send_out(desk, later=timedelta(0)):
    """In the sequencer's process."""
    with default_connection(desk.database, "sequencer"):
        outside.send_out(now=timezone.now() + later)


def page_of(client):
    answer = client.get(CHECKPOINTS)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def kinds(log="main"):
    return list(OutsideCopy.objects.filter(log=log).order_by("at").values_list("kind", flat=True))


def test_a_copy_goes_into_the_folder_once_an_hour_and_is_never_written_over(desk, folder, auditor):
    assert "No copy has left the house yet" in page_of(auditor)
    with default_connection(desk.database, "sequencer"):
        task()
    [path] = folder.iterdir()
    assert path.name == f"main-{desk.sizes[-1]:015d}.checkpoint"
    assert path.read_text() == desk.note(desk.sizes[-1])
    assert path.stat().st_mode & 0o777 == 0o444
    page = page_of(auditor)
    assert "No copy has left the house" not in page
    assert "Put into a folder" in page
    desk.write(5)
    send_out(desk)
    assert len(list(folder.iterdir())) == 1
    send_out(desk, timedelta(hours=1, seconds=1))
    assert len(list(folder.iterdir())) == 2
    told = Entry.objects.filter(event="log.copy_left", log="main").count()
    assert (told, kinds()) == (2, [Kind.FOLDER] * 2)
    path.chmod(0o644)
    path.write_text("something else")
    outside._write_once(path, b"the checkpoint")
    assert path.read_text() == "something else"


def test_a_folder_that_is_away_holds_nothing_up(desk, settings, tmp_path, caplog):
    settings.AUDIT_COPY_DIR = str(tmp_path / "not there")
    send_out(desk)
    assert "was not copied to AUDIT_COPY_DIR" in caplog.text
    assert not OutsideCopy.objects.exists()


def test_a_log_replaced_whole_contradicts_the_folder(desk, folder, auditor):
    send_out(desk)
    chance = random.Random(7)
    with tampering(desk.owner):
        edit(desk, chance, 3)
        rehash(desk)
        resign(desk, signers("main"))
    auditor.post(reverse("audit:verifications"), {"what": "whole"})
    with default_connection(desk.database, "sequencer"):
        verify()
    run = Verification.objects.get()
    assert not run.is_whole
    assert any("the folder of copies" in fault["words"] for fault in run.faults)


def test_what_lies_in_the_folder_and_is_no_checkpoint_is_told(desk, folder, auditor):
    send_out(desk)
    (folder / "main-000000000000001.checkpoint").write_text("nothing of ours")
    auditor.post(reverse("audit:verifications"), {"what": "whole"})
    with default_connection(desk.database, "sequencer"):
        verify()
    [fault] = Verification.objects.get().faults
    assert (
        fault["words"]
        == "In the folder of copies main-000000000000001.checkpoint is no checkpoint of this log."
    )


def test_a_checkpoint_is_time_stamped_stored_shown_and_exported(desk, authority, auditor, tmp_path):
    send_out(desk)
    copy = OutsideCopy.objects.get(log="main", kind=Kind.TIMESTAMP)
    assert (copy.size, copy.holder) == (desk.sizes[-1], "127.0.0.1")
    note = Checkpoint.objects.get(log="main", size=copy.size).note
    tsa.check(note.encode(), bytes(copy.token), certificates=authority.root)
    assert "Time-stamped" in page_of(auditor)
    answer = auditor.get(reverse("audit:stamp", args=[copy.size]))
    assert (answer.status_code, answer.content) == (200, bytes(copy.token))
    desk.run("export", tmp_path / "export")
    stamped = tmp_path / "export" / "timestamp"
    told = authority.openssl(
        "ts", "-verify", "-in", str(stamped / f"{copy.size}.tsr"), "-data", str(stamped / f"{copy.size}.checkpoint"),
        "-CAfile", str(authority.root),
    )  # fmt: skip
    assert b"Verification: OK" in told
    asked = authority.asked
    send_out(desk)
    assert authority.asked == asked, "once an hour"


def test_a_stamp_over_other_words_from_another_authority_or_for_another_question_is_refused(
    desk, authority, tmp_path
):
    token = tsa.stamp(b"ours", url=authority.url, certificates=authority.root)
    with pytest.raises(tsa.StampRefused):
        tsa.check(b"other", token, certificates=authority.root)
    with pytest.raises(tsa.StampRefused, match="Nonce"):
        tsa.check(b"ours", token, certificates=authority.root, nonce=5)
    with an_authority(tmp_path / "other") as other, pytest.raises(tsa.StampRefused):
        tsa.check(b"ours", token, certificates=other.root)
    with pytest.raises(tsa.StampRefused):
        tsa.check(b"ours", b"nothing", certificates=authority.root)
    with pytest.raises(subprocess.CalledProcessError):
        authority.openssl("ts", "-verify", "-in", "query", "-data", "query", "-CAfile", "root.pem")


def test_an_authority_that_answers_nonsense_is_tried_again(desk, authority, caplog):
    authority.answers = False
    send_out(desk)
    assert "was not time-stamped" in caplog.text
    assert not OutsideCopy.objects.exists()
    authority.answers = True
    send_out(desk)
    assert kinds() == [Kind.TIMESTAMP]


def promise(now):
    return log_mail.promise_checkpoint_mails(now=now)


def test_the_outside_auditor_has_the_checkpoint_by_mail_once_a_day(desk, auditor, settings, mailoutbox):
    settings.AUDIT_MAIL_TO = ["audit@firm.example"]
    now = timezone.now()
    assert [promise(now), promise(now), promise(now + timedelta(minutes=1))] == [1, 0, 0]
    while deliver(now=now):
        pass
    [mail] = mailoutbox
    assert mail.to == ["audit@firm.example"]
    size = desk.sizes[-1]
    assert mail.subject == f"Checkpoint of the log “main”: {size} entries"
    [(name, content, _)] = mail.attachments
    assert (name, content.decode()) == (f"checkpoint-main-{size}", desk.note(size))
    assert desk.note(size) in mail.body
    row = OutboxRow.objects.get()
    assert "firm.example" not in f"{row.key}{row.payload}"
    copy = OutsideCopy.objects.get()
    assert (copy.kind, copy.holder, copy.size) == (Kind.MAIL, "firm.example", size)
    assert Entry.objects.filter(event="log.copy_left").count() == 1
    assert "Mailed" in page_of(auditor)
    assert promise(now + timedelta(days=1)) == 1


def test_the_sealed_log_goes_only_to_whom_it_is_set_for(desk, settings, mailoutbox):
    sealed = LogDesk(desk.database, desk.owner, log="sealed").write(3)
    settings.AUDIT_MAIL_TO, settings.AUDIT_SEALED_MAIL_TO = ["audit@firm.example"], ["cleared@firm.example"]
    now = timezone.now()
    assert promise(now) == 2
    while deliver(now=now):
        pass
    assert sorted((mail.to[0], sealed.note(sealed.sizes[-1]) in mail.body) for mail in mailoutbox) == [
        ("audit@firm.example", False),
        ("cleared@firm.example", True),
    ]
    assert kinds("sealed") == [Kind.MAIL]


def test_whoever_is_no_longer_in_the_settings_gets_nothing(desk, settings, mailoutbox):
    settings.AUDIT_MAIL_TO = ["audit@firm.example"]
    now = timezone.now()
    promise(now)
    settings.AUDIT_MAIL_TO = []
    while deliver(now=now):
        pass
    assert not mailoutbox
    assert outbox.backlog(now=now).waiting == 0


def test_readyz_says_when_no_copy_leaves(desk, folder):
    now = timezone.now()
    assert progress(now)["copies"] == "late"
    send_out(desk)
    assert progress(now)["copies"] == "ok"
    assert progress(now + timedelta(hours=49))["copies"] == "late"


def test_where_nothing_is_set_readyz_does_not_speak_of_it_and_the_page_is_red(desk, auditor):
    assert "copies" not in progress(timezone.now())
    assert "No copy has left the house yet" in page_of(auditor)


def test_a_witness_that_is_late_is_told_on_the_page_and_by_readyz(
    desk, auditor, settings, tmp_path, monkeypatch
):
    with a_witness(tmp_path) as witness:
        settings.AUDIT_WITNESSES = witness.setting
        desk.sign()
    assert progress(timezone.now())["witnesses"] == "ok"
    desk.write(4)
    assert progress(timezone.now())["witnesses"] == "ok", "there is still time"
    monkeypatch.setattr("audit.outside.WITNESS_LATE", timedelta(0))
    assert progress(timezone.now())["witnesses"] == "late"
    assert "The witness witness.example/w1 is late." in page_of(auditor)


def test_what_is_known_of_copies_stays(desk, folder):
    send_out(desk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('app', 'audit_outsidecopy', 'UPDATE')")
        assert cursor.fetchone() == (False,)
    for change in ("UPDATE audit_outsidecopy SET size = 1", "DELETE FROM audit_outsidecopy"):
        with pytest.raises(Exception, match="is not taken away"):
            desk.owner.execute(change)
