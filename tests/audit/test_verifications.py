"""Verifying in the background: asked for on the page, done by the sequencer's process, seen while it goes on."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.roles import Role
from audit import checking
from audit.models import Entry, Verification
from audit.tasks import verify as task

from .conftest import default_connection, tampering
from .desk import browser, make_office
from .log_desk import LogDesk

pytestmark = pytest.mark.committed

PAGE = reverse("audit:verifications")
PROGRESS = reverse("audit:verification-progress")


@pytest.fixture
def office(committed_db):
    return make_office()


@pytest.fixture
def auditor(office):
    return browser(office.auditor)


@pytest.fixture
def desk(committed_db, office):
    with committed_db.connect("owner") as owner:
        yield LogDesk(committed_db, owner).write(300, 40)


def ask(client, what="whole"):
    answer = client.post(PAGE, {"what": what})
    assert (answer.status_code, answer.url) == (302, PAGE)


def work(desk):
    """The task, in the sequencer's process."""
    with default_connection(desk.database, "sequencer"):
        task()


def page_of(client):
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_what_was_asked_for_is_done_by_the_task_and_its_result_shown(auditor, desk, office):
    assert "No verification has ended yet." in page_of(auditor)
    ask(auditor)
    assert "it begins within half a minute" in page_of(auditor)
    size = desk.sizes[-1]
    work(desk)
    run = Verification.objects.get()
    assert (run.is_whole, run.since, run.until, run.done, run.first_bad) == (True, 0, size, size, None)
    page = page_of(auditor)
    assert "Whole" in page
    assert f"came to entry {size}" in page
    told = Entry.objects.filter(event__startswith="log.verif").order_by("at")
    assert [(entry.event, entry.actor) for entry in told] == [
        ("log.verification_asked", office.auditor.ref),
        ("log.verified", "system"),
    ]


def test_since_the_last_one_begins_where_that_ended(auditor, desk):
    ask(auditor)
    work(desk)
    first = Verification.objects.get()
    desk.write(10)
    ask(auditor, "since")
    work(desk)
    second = Verification.objects.latest("id")
    assert (second.since, second.until) == (first.until, desk.sizes[-1])
    assert second.is_whole
    ask(auditor, "whole")
    assert Verification.objects.latest("id").since == 0


def test_what_is_wrong_is_named_with_its_first_bad_index(auditor, desk):
    with tampering(desk.owner):
        desk.owner.execute(
            "UPDATE audit_entry SET body = replace(convert_from(body, 'UTF8'), 'folder.viewed', 'folder.veiled')"
            "::bytea WHERE id = %s",
            [desk.entry_at(271)],
        )
    ask(auditor)
    work(desk)
    run = Verification.objects.get()
    assert (run.is_whole, run.first_bad) == (False, 271)
    page = page_of(auditor)
    assert "Not whole" in page
    assert "Index 271: The entry is not the one that was signed." in page
    ask(auditor, "since")
    assert Verification.objects.latest("id").since == 0, "nothing was ever found whole"


def test_a_fault_that_names_an_object_keeps_its_name_from_the_page(auditor, desk, office):
    with tampering(desk.owner):
        desk.owner.execute("ALTER TABLE accounts_user DISABLE TRIGGER USER")
        desk.owner.execute("UPDATE accounts_user SET version = 9 WHERE ref = %s", [office.legal.ref])
    ask(auditor)
    work(desk)
    assert office.legal.ref in str(Verification.objects.get().faults)
    page = page_of(auditor)
    assert "What the log says and what stands beside it differ." in page
    assert office.legal.ref not in page


def test_only_one_at_a_time(auditor, desk, office):
    ask(auditor)
    answer = auditor.post(PAGE, {"what": "since"})
    assert answer.status_code == 422
    assert "A verification is waiting or going on already." in answer.content.decode()
    assert Verification.objects.count() == 1
    other = browser(office.hire("Olaf Auditor", Role.AUDITOR))
    assert other.post(PAGE, {"what": "whole"}).status_code == 422
    work(desk)
    ask(other)


def test_nothing_chosen_is_told_in_words(auditor, desk):
    answer = auditor.post(PAGE, {})
    assert answer.status_code == 422
    assert "Choose what to verify." in answer.content.decode()


def test_two_workers_do_it_once(auditor, desk):
    ask(auditor)
    with default_connection(desk.database, "sequencer"), checking._alone("main") as other:
        assert other
        assert not checking.work("main")
    assert Verification.objects.get().begun_at is None
    work(desk)
    assert Verification.objects.get().attempts == 1


WORKER = """
import os, sys, time
import django
django.setup()
from audit import checking, verifying
def slowly(verify):
    def stopped(*args, progress, **given):
        progress(100, 340)
        print("begun", flush=True)
        time.sleep(60)
    return stopped
verifying.verify = slowly(verifying.verify)
checking.work("main")
"""


def test_whoever_is_killed_leaves_it_to_the_next(auditor, desk):
    ask(auditor)
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": desk.database.url("sequencer"),
    }
    killed = subprocess.Popen([sys.executable, "-c", WORKER], env=env, stdout=subprocess.PIPE, text=True)
    assert killed.stdout.readline() == "begun\n"
    page = page_of(auditor)
    assert '<progress class="span" id="how-far" max="100" value="29">' in page
    assert "100 of 340 entries" in page
    with default_connection(desk.database, "sequencer"):
        assert not checking.work("main"), "another process is at it"
    killed.kill()
    killed.wait()
    killed.stdout.close()
    with default_connection(desk.database, "sequencer"):
        patience = time.monotonic() + 20
        while not checking.work("main"):
            assert time.monotonic() < patience
    run = Verification.objects.get()
    assert (run.is_whole, run.attempts) == (True, 2)


def test_what_never_comes_to_its_end_is_given_up(auditor, desk):
    ask(auditor)
    desk.owner.execute("UPDATE audit_verification SET attempts = 3")
    work(desk)
    assert not Verification.objects.get().is_whole
    assert "It was begun 3 times and never came to its end." in page_of(auditor)


def test_the_part_that_moves_is_fetched_alone_and_writes_no_entry(auditor, desk):
    ask(auditor)
    before = Entry.objects.count()
    answer = auditor.get(PROGRESS)
    assert (answer.status_code, "HX-Refresh" in answer) == (200, False)
    assert Entry.objects.count() == before
    work(desk)
    assert auditor.get(PROGRESS)["HX-Refresh"] == "true"
    assert auditor.get(PAGE, HTTP_HX_REQUEST="true").status_code == 200


def test_without_script_the_page_looks_again_by_itself_while_it_moves(auditor, desk):
    assert "http-equiv" not in page_of(auditor)
    ask(auditor)
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page_of(auditor)


def test_nobody_else_sees_or_starts_any(office, desk):
    somebody = browser(office.hire("Somebody Else", Role.ADMIN))
    assert somebody.get(PAGE).status_code == somebody.post(PAGE, {"what": "whole"}).status_code == 404
    assert somebody.get(PROGRESS).status_code == 404
    assert not Verification.objects.exists()


def test_what_came_of_one_stays_and_the_pages_only_ask(auditor, desk):
    ask(auditor)
    work(desk)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Verification.objects.update(is_whole=True)
    for change in ("UPDATE audit_verification SET is_whole = false", "DELETE FROM audit_verification"):
        with pytest.raises(Exception, match="is not taken away"):
            desk.owner.execute(change)


def test_the_page_costs_the_same_with_many_runs(auditor, desk):
    row = "INSERT INTO audit_verification (log, since, until, done, attempts, asked_by, asked_at, ended_at, is_whole, faults)"
    values = " SELECT 'main', 0, 9, 9, 1, 'u', now(), now(), true, '[]' FROM generate_series(1, %s)"

    def queries():
        with connection.execute_wrapper(count := Counting()):
            assert auditor.get(PAGE).status_code == 200
        return count.seen

    desk.owner.execute(row + values, [1])
    few = queries()
    desk.owner.execute(row + values, [500])
    assert queries() == few
    older = auditor.get(PAGE).context["page"].older
    assert len(auditor.get(PAGE, {"before": older}).context["page"].rows) == 25
    assert auditor.get(PAGE, {"before": "nonsense"}).status_code == 200


class Counting:
    def __init__(self):
        self.seen = 0

    def __call__(self, execute, sql, params, many, context):
        self.seen += 1
        return execute(sql, params, many, context)


def test_the_loop_without_a_broker_does_it_too(auditor, desk):
    ask(auditor)
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": desk.database.url("sequencer"),
    }
    loop = subprocess.Popen(
        [sys.executable, "manage.py", "audit", "sequence", "--loop"], env=env, stdout=subprocess.DEVNULL
    )
    try:
        patience = time.monotonic() + 40
        while not Verification.objects.filter(is_whole=True).exists():
            assert time.monotonic() < patience
            time.sleep(0.2)
    finally:
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(20) == 0
