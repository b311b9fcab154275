"""A person's own request is kept six years from its end, held by a legal hold, and destroyed by two people."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import opaque
from audit.models import Entry, Log, Payload
from audit.reconciling import open_payloads, reconcile
from audit.verifying import Report
from disclosures.certificate import paragraphs
from disclosures.deadlines.keeping import access_keeping
from disclosures.models import AccessDisposal, AccessHold, AccessRequest, AccessTold, OutboxRow, Request
from disclosures.selectors import NotThere
from disclosures.selectors.access_keeping import (
    access_batch_for,
    access_certificate_of,
    access_due_for_disposal,
)
from disclosures.selectors.opening import open_access, open_access_parts
from disclosures.services import accounting
from disclosures.services.access import restrict_request
from disclosures.services.access_disposing import (
    destroy_confirmed_access,
    propose_access_disposal,
    withdraw_access_disposal,
)
from disclosures.services.access_keeping import lift_access_hold, place_access_hold, settle_access_periods
from disclosures.services.accounting import AccessRefused, close_access, write_down
from disclosures.services.sweeping import sweep
from disclosures.states import State
from sealing.fields import sealed_of
from sealing.keys import erase, erase_whole
from sealing.models import DataKey
from tests.accounting import (
    an_access_request,
    an_answered_access,
    confirm_access,
    destroy_access,
    propose_access,
)
from tests.disposal_desk import destroy, hold, later
from tests.world import World

from .log_lines import entries, last

pytestmark = pytest.mark.django_db


def held(world: World, access: AccessRequest, who: str = "head", **given: object) -> AccessHold:
    values = {
        "ground": "LITIGATION", "reason": "Letter before claim of 3 March.", "now": world.now,
        "review_on": (world.now + timedelta(days=365)).date(), **given,
    }  # fmt: skip
    return place_access_hold(access_id=access.pk, actor=world[who], **values)  # type: ignore[arg-type]


def lifted(world: World, row: AccessHold, reason: str = "Settled.") -> AccessHold:
    return lift_access_hold(
        access_id=row.access_id, hold=row.reference, reason=reason, actor=world["dpo"], now=world.now
    )


def told_of(world: World, state: State = State.RELEASED) -> tuple[AccessRequest, Request]:
    """Answered, with a disclosure to the police in the answer."""
    police = world.request_in(state)
    access = an_access_request(world)
    accounting.tell_of(
        access_id=access.pk, reference=police.reference, position=1, actor=world["dpo"], now=world.now
    )
    accounting.propose_access_answer(access_id=access.pk, actor=world["handler"], now=world.now)
    access.refresh_from_db()
    accounting.approve_access_answer(
        access_id=access.pk, seen=access.digest, actor=world["approver"], now=world.now
    )
    access.refresh_from_db()
    return access, police


# How long -----------------------------------------------------------------------------------------


def test_six_years_from_its_answer_and_from_a_closing_without_one(world: World) -> None:
    answered, left = an_answered_access(world), an_access_request(world)
    assert (left.retention_class, left.keep_until) == ("", None)
    close_access(
        access_id=left.pk, how="NO_PROOF", why="Two letters, no reply.", actor=world["dpo"], now=world.now
    )
    left.refresh_from_db()
    for access in (answered, left):
        assert access.retention_class == "RET-CPL"
        assert access.keep_until is not None
        assert access.keep_until.year == world.now.year + 6
    assert (left.closed_by, left.digest, left.answer) == (world["dpo"], "", None)
    assert last("access.worked")["detail"] == {"what": "CLOSED", "how": "NO_PROOF"}


def test_the_class_says_why_and_a_leap_day_ends_on_the_last_of_february() -> None:
    kept = access_keeping(date(2028, 2, 29))
    assert (kept.code, kept.until) == ("RET-CPL", date(2034, 2, 28))
    assert "Limitation Act 1980" in kept.lines[2].source


def test_closing_is_for_those_who_answer_with_a_reason_and_once(world: World) -> None:
    access = an_access_request(world)
    for who in ("clerk", "handler", "auditor", "outsider"):
        with pytest.raises(NotThere):
            close_access(
                access_id=access.pk, how="WITHDRAWN", why="By telephone.", actor=world[who], now=world.now
            )
    with pytest.raises(AccessRefused) as refused:
        close_access(access_id=access.pk, how="LOST", why=" ", actor=world["dpo"], now=world.now)
    assert len(refused.value.sentences) == 2
    close_access(access_id=access.pk, how="WITHDRAWN", why="By telephone.", actor=world["dpo"], now=world.now)
    with pytest.raises(AccessRefused, match="It is closed"):
        accounting.propose_access_answer(access_id=access.pk, actor=world["handler"], now=world.now)


def test_what_was_answered_before_there_was_a_period_is_settled_by_the_sweep_once(world: World) -> None:
    access = an_answered_access(world)
    with transaction.atomic():
        AccessRequest.objects.filter(pk=access.pk).update(
            keep_until=None, retention_class="", version=access.version + 1
        )
        access.refresh_from_db()
        write_down(access=access, event="access.worked", actor=None, role="", detail={"what": "OLD"})
    assert settle_access_periods(now=world.now) == 1
    assert settle_access_periods(now=world.now) == 0
    access.refresh_from_db()
    assert access.keep_until is not None
    assert last("access.period_settled")["object"]["ref"] == access.ref


# Two people ---------------------------------------------------------------------------------------


def test_it_stands_in_the_list_from_the_day_after_and_is_not_proposed_before(world: World) -> None:
    access, open_one = an_answered_access(world), an_access_request(world)
    assert access_due_for_disposal(world["dpo"], world.now).rows == []
    for early in (access, open_one):
        with pytest.raises(AccessRefused):
            propose_access_now(world, early)
    assert [row.access for row in access_due_for_disposal(world["dpo"], later(world)).rows] == [access]
    propose_access(world, access)
    assert access_due_for_disposal(world["dpo"], later(world)).rows == []
    with pytest.raises(AccessRefused, match="proposed already"):
        propose_access(world, access)


def propose_access_now(world: World, access: AccessRequest) -> AccessDisposal:
    return propose_access_disposal(access_id=access.pk, batch=opaque("d"), actor=world["dpo"], now=world.now)


def test_who_proposes_who_confirms_and_never_the_same(world: World) -> None:
    access = an_answered_access(world)
    for who in ("clerk", "handler", "approver", "head", "release", "mlro", "auditor", "outsider"):
        with pytest.raises(NotThere):
            propose_access(world, access, who=who)
    row = propose_access(world, access)
    for who in ("clerk", "handler", "lead", "release", "mlro", "auditor", "outsider"):
        with pytest.raises(NotThere):
            confirm_access(world, row, who)
    with pytest.raises(AccessRefused, match="a colleague must confirm"):
        confirm_access(world, row, "dpo")
    confirm_access(world, row, "approver")
    assert last("access.disposal_confirmed")["actor"]["ref"] == world["approver"].ref


def test_what_is_withdrawn_is_not_destroyed_and_can_be_proposed_anew(world: World) -> None:
    access = an_answered_access(world)
    row = confirm_access(world, propose_access(world, access))
    withdraw_access_disposal(disposal_id=row.pk, actor=world["head"], now=later(world))
    assert destroy_confirmed_access(now=later(world)) == 0
    with pytest.raises(NotThere):
        confirm_access(world, row)
    propose_access(world, access)


# What goes and what stays -------------------------------------------------------------------------


def test_the_key_the_words_and_what_was_told_of_go_and_a_stone_stays(world: World) -> None:
    access, _police = told_of(world)
    other = an_answered_access(world)
    with transaction.atomic():
        OutboxRow.objects.create(key="x", topic="x", payload={"access": access.pk}, due_at=world.now)
    ours = Payload.objects.filter(entry__object_type="access_request", entry__object_ref=access.ref)
    assert ours.exists()
    row = destroy_access(world, access)
    assert all(getattr(access, name) is None for name in sealed_of(AccessRequest))
    assert (access.digest, access.disposed_at) == ("", later(world))
    assert DataKey.objects.get(pk=access.data_key_id).wrapped is None
    assert not AccessTold.objects.filter(access=access).exists()
    assert not OutboxRow.objects.filter(payload__access=access.pk).exists()
    assert not ours.exists()
    assert row.counts == {"accessrequest": 1, "accesstold": 1, "key": 1, "outboxrow": 1, "payload": 1}
    assert last("access.destroyed")["detail"]["digest"] == row.digest
    assert open_access(other, actor=world["handler"], now=world.now).name == "Alex Example"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_every_entry_stays_and_the_log_agrees_with_what_is_left(world: World) -> None:
    access, _police = told_of(world)
    before = Entry.objects.filter(object_ref=access.ref).count()
    destroy_access(world, access)
    assert Entry.objects.filter(object_ref=access.ref).count() == before + 3
    for log in Log.values:
        report = Report(log)
        reconcile(log, report)
        open_payloads(log, report)
        assert report.faults == []


def test_the_sweep_destroys_it_once(world: World) -> None:
    access = an_answered_access(world)
    confirm_access(world, propose_access(world, access))
    assert sweep(now=later(world)).destroyed == 1
    count = Entry.objects.count()
    assert sweep(now=later(world)).destroyed == 0
    assert Entry.objects.count() == count
    for change in (
        lambda: close_access(
            access_id=access.pk, how="WITHDRAWN", why="Late.", actor=world["dpo"], now=world.now
        ),
        lambda: held(world, access),
        lambda: propose_access(world, access),
    ):
        with pytest.raises(NotThere):
            change()


def test_the_certificate_names_both_and_the_entry(world: World) -> None:
    access = an_answered_access(world)
    waiting = propose_access(world, access)
    with pytest.raises(NotThere):
        access_certificate_of(
            access_batch_for(world["dpo"], waiting.batch, later(world)), actor=world["dpo"], now=later(world)
        )
    confirm_access(world, waiting)
    destroy_confirmed_access(now=later(world))
    batch = access_batch_for(world["dpo"], waiting.batch, later(world))
    made = access_certificate_of(batch, actor=world["dpo"], now=later(world))
    (one,) = made.destroyed
    assert (one.reference, one.what, one.retention_class) == (access.ref, "ACCESS", "RET-CPL")
    entry = Entry.objects.get(event="access.destroyed")
    assert one.log_version == entry.object_version
    assert made.proposed_by.startswith(world["dpo"].display_name)
    assert made.confirmed_by.startswith(world["head"].display_name)
    assert ("Person’s own request", access.ref) in paragraphs(one)
    assert len(entries("access.certificate_taken")) == 1
    with pytest.raises(NotThere):
        access_batch_for(world["release"], waiting.batch, later(world))


# Holds --------------------------------------------------------------------------------------------


def test_the_head_of_legal_and_the_data_protection_officer_hold_it_with_a_reason(world: World) -> None:
    access = an_access_request(world)
    for who in ("clerk", "handler", "approver", "lead", "mlro", "outsider"):
        with pytest.raises(NotThere):
            held(world, access, who)
    with pytest.raises(AccessRefused) as refused:
        held(world, access, ground="SECRECY", reason=" ", review_on=world.now.date())
    assert len(refused.value.sentences) == 3
    row = held(world, access, "dpo")
    (opened,) = open_access_parts(access, [row], actor=world["head"], now=world.now)
    assert opened.reason == "Letter before claim of 3 March."
    with pytest.raises(AccessRefused, match="what ended the hold"):
        lifted(world, row, " ")
    lifted(world, row)
    assert last("access.hold_lifted")["detail"]["hold"] == row.reference
    with pytest.raises(NotThere):
        lifted(world, row)


def test_a_hold_calls_off_what_was_confirmed_and_lifting_revives_nothing(world: World) -> None:
    access = an_answered_access(world)
    row = confirm_access(world, propose_access(world, access))
    first, second = held(world, access), held(world, access, ground="REGULATOR")
    row.refresh_from_db()
    assert row.withdrawn_by == world["head"]
    assert destroy_confirmed_access(now=later(world)) == 0
    with pytest.raises(AccessRefused, match="is held"):
        propose_access(world, access)
    lifted(world, first)
    with pytest.raises(AccessRefused, match="is held"):
        propose_access(world, access)
    assert access_due_for_disposal(world["dpo"], later(world)).rows[0].holds
    lifted(world, second)
    assert destroy_confirmed_access(now=later(world)) == 0
    assert destroy_access(world, access).done_at == later(world)


Attempt = Callable[[AccessRequest, World], object]
AGAINST_THE_WORDS: tuple[Attempt, ...] = (
    lambda access, _w: DataKey.objects.filter(pk=access.data_key_id)._raw_delete("default"),
    lambda access, world: erase(key=access.data_key, now=world.now),
    lambda access, world: erase_whole(key=access.data_key, now=world.now),
    lambda access, _w: written(access, name=None),
    lambda access, _w: written(access, answer=None, digest=""),
    lambda access, _w: written(access, approved_at=None, approved_by=None),
    lambda access, world: written(access, disposed_at=world.now),
    lambda access, _w: AccessTold.objects.filter(access=access)._raw_delete("default"),
    lambda access, world: AccessTold.objects.filter(access=access).update(told_at=world.now),
)
NOT_SO = "is refused|was not destroyed|does not change"


def written(access: AccessRequest, **values: object) -> int:
    """With its next version, as whoever knows the rules of the log would write it."""
    return AccessRequest.objects.filter(pk=access.pk).update(version=access.version + 1, **values)


@pytest.mark.parametrize("attempt", AGAINST_THE_WORDS)
def test_the_database_destroys_nothing_that_two_people_did_not_decide_on(
    world: World, attempt: Attempt
) -> None:
    access, _police = told_of(world)
    with pytest.raises(DatabaseError, match=NOT_SO), transaction.atomic():
        attempt(access, world)


@pytest.mark.parametrize("attempt", AGAINST_THE_WORDS)
def test_the_database_destroys_nothing_that_is_held_though_two_people_decided_it(
    world: World, attempt: Attempt
) -> None:
    """A disposal that was slipped in beside the hold, as only a script could."""
    access, _police = told_of(world)
    held(world, access)
    with transaction.atomic():
        AccessDisposal.objects.create(
            access=access, batch="d_forged", retention_class="RET-CPL", keep_until=world.now.date(),
            proposed_at=world.now, proposed_by=world["dpo"], proposed_role="DPO", confirmed_at=world.now,
            confirmed_by=world["head"], confirmed_role="HEAD_OF_LEGAL",
        )  # fmt: skip
        with pytest.raises(DatabaseError, match=NOT_SO), transaction.atomic():
            attempt(access, world)
        transaction.set_rollback(True)


def test_holds_and_disposals_are_proof_and_a_stone_does_not_change(world: World) -> None:
    access = an_answered_access(world)
    row = lifted(world, held(world, access))
    done = destroy_access(world, access)
    for attempt in (
        lambda: AccessHold.objects.filter(pk=row.pk)._raw_delete("default"),
        lambda: AccessHold.objects.filter(pk=row.pk).update(lifted_at=None, lifted_by=None, lift_reason=None),
        lambda: AccessDisposal.objects.filter(pk=done.pk)._raw_delete("default"),
        lambda: AccessDisposal.objects.filter(pk=done.pk).update(digest="0" * 64),
        lambda: written(access, disposed_at=None),
    ):
        with pytest.raises(DatabaseError, match=NOT_SO), transaction.atomic():
            attempt()


# Silence ------------------------------------------------------------------------------------------


def test_a_restricted_disclosure_changes_nothing_of_keeping_and_destroying(world: World) -> None:
    """One answer told of a disclosure that has become a secret since, and is held by it; the other's has not."""

    def road(*, secret: bool) -> tuple[object, ...]:
        access, police = told_of(world)
        if secret:
            hold(world, police)
            restrict_request(
                request_id=police.pk, members={world["handler"]: "HANDLER", world["approver"]: "APPROVER"},
                reason="An order.", actor=world["head"], now=world.now,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            due = access_due_for_disposal(world["dpo"], later(world)).rows
            row = destroy_access(world, access)
            made = access_certificate_of(
                access_batch_for(world["dpo"], row.batch, later(world)), actor=world["dpo"], now=later(world)
            )
        events = [body["event"] for body in map(dict, entries("access.destroyed"))]
        return len(due), due[0].holds, row.counts, len(asked), len(made.destroyed), events[-1]

    road(secret=False)  # whatever is read once and kept
    assert road(secret=True) == road(secret=False)


def test_what_was_told_of_outlives_the_request_it_stood_in_and_goes_with_the_answer(world: World) -> None:
    access, police = told_of(world, State.CLOSED)
    said = open_access(access, actor=world["handler"], now=world.now).answer
    destroy(world, [police])
    assert AccessTold.objects.filter(access=access, request=police).count() == 1
    assert open_access(access, actor=world["handler"], now=world.now).answer == said
    destroy_access(world, access)
    assert not AccessTold.objects.filter(request=police).exists()
