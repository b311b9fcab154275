"""RET-COPY: the copy of what was disclosed goes after its days, its digest stays, and a hold keeps it."""

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings

from audit.models import Entry, Log, Payload
from audit.reconciling import open_payloads, reconcile
from audit.verifying import Report
from disclosures.models import ItemDecision, Letter, SearchRecord
from disclosures.selectors.opening import open_request
from disclosures.services import copies, perform
from disclosures.services.access import restrict_request
from disclosures.services.copies import destroy_copies
from disclosures.services.sweeping import sweep
from disclosures.states import Action, State
from tests.disposal_desk import closed, destroy, hold, later, lift
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db


def texts(world: World, request: object) -> list[str]:
    opened = open_request(request, actor=world["lead"], now=world.now)  # type: ignore[arg-type]
    answers = [row.body for row in opened.letters if row.purpose == Letter.Purpose.OUTCOME]
    return [*(row.found for row in opened.records), *(row.text for row in opened.decisions), *answers]


def test_after_its_days_digest_and_manifest_are_all_that_is_left(world: World) -> None:
    request = closed(world)
    before = [text for text in texts(world, request) if text]
    assert len(before) > 2
    soon, then = timedelta(days=settings.COPY_DAYS - 1), timedelta(days=settings.COPY_DAYS)
    assert destroy_copies(now=world.now + soon) == 0
    assert destroy_copies(now=world.now + then) == 1
    assert destroy_copies(now=world.now + then) == 0
    after = texts(world, request)
    for text in before:
        assert text not in after
        assert any(hashlib.sha256(text.encode()).hexdigest() in left for left in after)
    assert ItemDecision.objects.filter(request=request, decision="DISCLOSE").exists()
    detail = last("copy.destroyed")["detail"]
    assert detail["counts"]["letter.body"] == 1
    assert detail["counts"]["itemdecision.text"] == 1
    assert SearchRecord.objects.filter(request=request).exists()


def test_the_logs_copy_of_the_answer_goes_too_and_every_proof_holds(world: World) -> None:
    request = closed(world)
    bodies = Payload.objects.filter(entry__object_ref=request.reference, name="body")
    assert bodies.exists()
    entries = Entry.objects.count()
    destroy_copies(now=later(world, 1))
    assert not bodies.exists()
    assert Payload.objects.filter(entry__object_ref=request.reference).exists()
    assert Entry.objects.count() == entries + 1
    for log in Log.values:
        report = Report(log)
        reconcile(log, report)
        open_payloads(log, report)
        assert report.faults == []


def test_a_hold_keeps_the_copy_until_it_is_lifted(world: World) -> None:
    request = closed(world)
    placed = hold(world, request)
    before = texts(world, request)
    sweep(now=later(world, 1))
    assert texts(world, request) == before
    lift(world, placed)
    assert destroy_copies(now=later(world, 1)) == 1
    destroy(world, [request])


def test_what_is_under_review_again_keeps_it_and_gets_its_own_days(world: World) -> None:
    request = closed(world)
    perform(
        request_id=request.pk, action=Action.APPEAL, actor=world["clerk"], now=world.now, reason="Asked again."
    )  # fmt: skip
    assert destroy_copies(now=later(world, 1)) == 0
    request.refresh_from_db()
    assert request.state == State.UNDER_APPEAL


def test_what_is_held_keeps_nobody_elses_copy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are looked at in one round may be held, and the next is destroyed all the same."""
    monkeypatch.setattr(copies, "AT_ONCE", 1)
    held, free = closed(world), closed(world)
    hold(world, held)
    then = later(world, 1)
    assert destroy_copies(now=then) == 1
    held.refresh_from_db()
    free.refresh_from_db()
    assert (held.copy_destroyed_at, free.copy_destroyed_at) == (None, then)


@pytest.mark.parametrize("secrets", [0, 3])
def test_how_many_secrets_wait_delays_no_open_one(
    world: World, monkeypatch: pytest.MonkeyPatch, secrets: int
) -> None:
    monkeypatch.setattr(copies, "AT_ONCE", 1)
    for _ in range(secrets):
        named = {world["handler"]: "HANDLER"}
        restrict_request(
            request_id=closed(world).pk, members=named, reason="It touches a colleague.", actor=world["head"], now=world.now
        )  # fmt: skip
    request = closed(world)
    then = later(world, 1)
    destroy_copies(now=then)
    request.refresh_from_db()
    assert request.copy_destroyed_at == then
