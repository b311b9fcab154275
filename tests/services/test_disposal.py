"""Two people have what is over destroyed: the keys, the words, the rows; a stone, a proof and the log remain."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import opaque
from audit.models import Entry, Log, Payload
from audit.reconciling import open_payloads, reconcile
from audit.verifying import Report
from disclosures.models import (
    Disposal,
    Document,
    ItemDecision,
    Letter,
    OutboxRow,
    Request,
    SearchRecord,
    Step,
    Subject,
)
from disclosures.selectors import NotThere, request_for
from disclosures.selectors.keeping import due_for_disposal, keeping_of
from disclosures.selectors.opening import open_request
from disclosures.services import ActionRefused, perform
from disclosures.services.changes import record_change
from disclosures.services.destroying import BLANKED, LEFT, destroy_what_was_confirmed, parts
from disclosures.services.disposing import withdraw_disposal
from disclosures.services.intake import SubjectInput
from disclosures.services.keeping import record_end_of_relationship, settle_periods
from disclosures.services.on_file import write_comment
from disclosures.states import Action, Perm, State
from sealing.fields import sealed_of
from sealing.models import DataKey
from tests.disposal_desk import closed, confirm, destroy, later, propose
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db


def guards(refused: pytest.ExceptionInfo[ActionRefused]) -> set[str]:
    return {objection.guard for objection in refused.value.objections}


# How long ---------------------------------------------------------------------------------------


def test_the_period_is_settled_by_the_step_that_closes(world: World) -> None:
    request = closed(world)
    kept = keeping_of(request)
    assert kept is not None
    assert (request.retention_class, request.keep_until) == (kept.code, kept.until)
    assert kept.until.year == world.now.year + 6


def test_a_request_under_appeal_has_no_period_and_closes_with_a_new_one(world: World) -> None:
    request = closed(world)
    moved = perform(
        request_id=request.pk, action=Action.APPEAL, actor=world["clerk"], now=later(world, 1), reason="Asked again."
    )  # fmt: skip
    assert (moved.retention_class, moved.keep_until) == ("", None)


def test_what_was_closed_before_there_were_periods_is_settled_by_the_sweep(world: World) -> None:
    request = closed(world)
    with transaction.atomic():
        unsettle(request)
    assert settle_periods(now=world.now) == 1
    assert settle_periods(now=world.now) == 0
    request.refresh_from_db()
    assert request.keep_until is not None
    assert last("retention.settled")["object"]["ref"] == request.reference


def unsettle(request: Request) -> None:
    """As a request stands that was closed by an older version."""
    request.keep_until, request.retention_class = None, ""
    record_change(
        request, event="request.amended", actor=None, role="", now=request.recorded_at,
        fields=("keep_until", "retention_class"),
    )  # fmt: skip


def test_the_end_of_the_relationship_is_recorded_by_the_head_of_legal_alone(world: World) -> None:
    request = closed(world)
    day = (world.now - timedelta(days=400)).date()
    with pytest.raises(NotThere):
        record_end_of_relationship(request_id=request.pk, ended_on=day, actor=world["lead"], now=world.now)
    record_end_of_relationship(request_id=request.pk, ended_on=day, actor=world["head"], now=world.now)
    with pytest.raises(ActionRefused):
        record_end_of_relationship(
            request_id=request.pk, ended_on=later(world).date(), actor=world["head"], now=world.now
        )


# Two people -------------------------------------------------------------------------------------


def test_nothing_is_proposed_before_its_time_and_the_list_shows_what_is_over(world: World) -> None:
    request = closed(world)
    with pytest.raises(ActionRefused) as refused:
        propose(world, request, now=world.now)
    assert guards(refused) == {"its_period_is_over"}
    assert due_for_disposal(world["release"], world.now).rows == []
    due = due_for_disposal(world["release"], later(world)).rows
    assert [row.request for row in due] == [request]
    propose(world, request)
    assert due_for_disposal(world["release"], later(world)).rows == []


def test_another_ground_needs_its_reason_and_an_open_request_is_never_destroyed(world: World) -> None:
    request = closed(world)
    with pytest.raises(ActionRefused) as refused:
        propose(world, request, ground="MISTAKE", now=world.now)
    assert guards(refused) == {"another_ground_is_reasoned"}
    assert (
        propose(world, request, ground="MISTAKE", reason="Recorded twice.", now=world.now).ground == "MISTAKE"
    )
    with pytest.raises(ActionRefused) as refused:
        propose(world, world.request_in(State.IN_REVIEW), ground="MISTAKE", reason="It was.", now=world.now)
    assert guards(refused) == {"it_is_closed"}


@pytest.mark.parametrize("who", ["clerk", "handler", "approver", "dpo", "head", "outsider"])
def test_only_a_release_officer_or_a_team_lead_proposes(world: World, who: str) -> None:
    with pytest.raises(NotThere):
        propose(world, closed(world), actor=world[who])


def test_nobody_confirms_their_own_proposal_whatever_roles_they_have(world: World) -> None:
    world.give("release", "HEAD_OF_LEGAL")
    row = propose(world, closed(world))
    with pytest.raises(ActionRefused) as refused:
        confirm(world, row, "release")
    assert guards(refused) == {"somebody_else_confirms"}
    for who in ("clerk", "handler", "lead"):
        with pytest.raises(NotThere):
            confirm(world, row, who)


def test_the_database_knows_that_it_takes_two(world: World) -> None:
    row = propose(world, closed(world))
    with pytest.raises(IntegrityError, match="disposal_takes_two"), transaction.atomic():
        Disposal.objects.filter(pk=row.pk).update(confirmed_at=world.now, confirmed_by=row.proposed_by)


def test_it_is_proposed_once_and_can_be_withdrawn_until_it_is_done(world: World) -> None:
    request = closed(world)
    row = confirm(world, propose(world, request))
    with pytest.raises(ActionRefused) as refused:
        propose(world, request)
    assert guards(refused) == {"nothing_is_pending"}
    withdraw_disposal(disposal_id=row.pk, actor=world["release"], now=later(world))
    assert destroy_what_was_confirmed(now=later(world)) == 0
    with pytest.raises(NotThere):
        confirm(world, row)
    assert propose(world, request).pk != row.pk


def test_an_appeal_calls_the_disposal_off(world: World) -> None:
    request = closed(world)
    row = confirm(world, propose(world, request))
    perform(
        request_id=request.pk, action=Action.APPEAL, actor=world["clerk"], now=world.now, reason="Asked again."
    )  # fmt: skip
    assert destroy_what_was_confirmed(now=later(world)) == 0
    row.refresh_from_db()
    assert row.withdrawn_by == world["clerk"]


# What goes and what stays -----------------------------------------------------------------------


def rich(world: World) -> Request:
    request = closed(world)
    write_comment(request_id=request.pk, words="A word among us.", actor=world["handler"], now=world.now)
    return request


def test_keys_words_and_rows_go_and_a_stone_stays(world: World) -> None:
    request, other = rich(world), closed(world)
    keys = [*DataKey.objects.filter(parent=request.data_key), request.data_key]
    (row,) = destroy(world, [request])
    assert row.done_at is not None
    for key in keys:
        key.refresh_from_db()
        assert key.wrapped is None
    for model in parts():
        assert not model._default_manager.filter(request=request).exists(), model
    for model in BLANKED:
        for name in sealed_of(model):
            assert not model._default_manager.filter(request=request, **{f"{name}__isnull": False}).exists()
    stone = Request.objects.get(pk=request.pk)
    assert (stone.reference, stone.kind, stone.outcome, stone.state) == (
        request.reference, request.kind, request.outcome, "CLOSED",
    )  # fmt: skip
    assert all(getattr(stone, name) is None for name in sealed_of(Request))
    assert (stone.disposed_at, stone.return_domains, stone.assignee) == (later(world), [], None)
    assert not OutboxRow.objects.filter(payload__request=request.pk).exists()
    assert Step.objects.filter(request=request).count() > 5
    assert Subject.objects.filter(request=other).exists()
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_salt_and_value_go_and_every_entry_stays(world: World) -> None:
    request = rich(world)
    ours = {"entry__object_ref": request.reference}
    entries = Entry.objects.filter(object_ref=request.reference).count()
    assert Payload.objects.filter(**ours).exists()
    destroy(world, [request])
    assert not Payload.objects.filter(**ours).exists()
    assert Entry.objects.filter(object_ref=request.reference).count() == entries + 3
    for log in Log.values:
        report = Report(log)
        reconcile(log, report)
        open_payloads(log, report)
        assert report.faults == []


def test_the_proof_says_how_much_went_and_what_it_was(world: World) -> None:
    (row,) = destroy(world, [rich(world)])
    assert row.counts["subject"] == 1
    assert row.counts["key"] == 2
    assert row.counts["comment"] == 1
    assert row.counts["payload"] > 3
    assert len(row.digest) == 64
    assert last("disposal.done")["detail"]["digest"] == row.digest


def test_a_second_run_does_nothing_and_what_is_left_has_no_other_page(world: World) -> None:
    request = rich(world)
    destroy(world, [request])
    entries = Entry.objects.count()
    assert destroy_what_was_confirmed(now=later(world)) == 0
    assert Entry.objects.count() == entries
    with pytest.raises(NotThere):
        request_for(world["head"], request.reference, Perm.VIEW, later(world))
    assert request_for(world["head"], request.reference, Perm.VIEW, later(world), stones=True) == request
    with pytest.raises(NotThere):
        write_comment(request_id=request.pk, words="Late.", actor=world["handler"], now=later(world))
    with pytest.raises(NotThere):
        perform(
            request_id=request.pk, action=Action.APPEAL, actor=world["clerk"], now=later(world), reason="Late."
        )  # fmt: skip


def test_the_database_leaves_a_stone_alone(world: World) -> None:
    request = rich(world)
    destroy(world, [request])
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Request.objects.filter(pk=request.pk).update(disposed_at=None, version=request.version + 9)
    other = closed(world)
    with pytest.raises(DatabaseError, match="was not destroyed"), transaction.atomic():
        Request.objects.filter(pk=other.pk).update(disposed_at=world.now, version=other.version + 1)


def test_one_batch_destroys_what_stands_and_each_has_its_own_proof(world: World) -> None:
    rows = destroy(world, [rich(world) for _ in range(3)])
    assert len({row.batch for row in rows}) == 1
    assert len({row.digest for row in rows}) == 3


# One person of many -----------------------------------------------------------------------------


def test_one_person_of_many_is_erased_and_the_others_stay(world: World) -> None:
    request = two_people(world)
    first, second = Subject.objects.filter(request=request).order_by("position")
    row = confirm(
        world,
        propose(world, request, position=1, ground="ERASURE", reason="Their letter of 1 May.", now=world.now),
    )
    assert destroy_what_was_confirmed(now=world.now) == 1
    row.refresh_from_db()
    assert (row.counts["key"], row.counts["subject"], row.what) == (1, 1, "SUBJECT")
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.data_key.wrapped is None
    assert all(getattr(first, name) is None for name in sealed_of(Subject))
    assert second.name is not None
    assert DataKey.objects.get(pk=second.data_key_id).wrapped is not None
    assert not SearchRecord.objects.filter(subject=first).exists()
    assert not ItemDecision.objects.filter(subject=first).exists()
    assert SearchRecord.objects.filter(subject=second).exists()
    assert Letter.objects.filter(request=request).exists()
    assert last("person.erased")["detail"]["person"] == 1
    connection.check_constraints()
    with pytest.raises(ActionRefused) as refused:
        propose(world, request, position=1, ground="ERASURE", reason="Again.", now=world.now)
    assert guards(refused) == {"person_is_there"}


def test_the_page_of_a_request_with_an_erased_person_opens(world: World) -> None:
    request = two_people(world)
    confirm(world, propose(world, request, position=2, ground="ERASURE", reason="Asked.", now=world.now))
    destroy_what_was_confirmed(now=world.now)
    opened = open_request(request, actor=world["lead"], now=world.now)
    assert [row.name for row in opened.subjects] == ["Alex Example", ""]


def test_a_request_with_an_erased_person_is_not_decided_anew(world: World) -> None:
    """Nothing can be sealed under a key that is gone; the review says so before it leads there."""
    request = two_people(world)
    confirm(world, propose(world, request, position=2, ground="ERASURE", reason="Asked.", now=world.now))
    destroy_what_was_confirmed(now=world.now)
    take = {"request_id": request.pk, "now": world.now, "reason": "Asked again."}
    perform(action=Action.APPEAL, actor=world["clerk"], **take)
    with pytest.raises(ActionRefused) as refused:
        perform(action=Action.OVERTURN, actor=world["second"], **take)
    assert guards(refused) == {"nobody_was_erased"}
    assert "Person 2 was erased from this request" in refused.value.sentences[0]
    assert perform(action=Action.UPHOLD, actor=world["second"], **take).state == State.CLOSED


def two_people(world: World) -> Request:
    road = world.road()
    people = (
        SubjectInput(status="SUSPECT", name="Alex Example", born_on="1988-04-17", account_number="ZX-1"),
        SubjectInput(status="VICTIM", name="Sam Example", phone="01632 960401"),
    )
    road.record(subjects=people)
    return road.to(State.CLOSED)


# Nothing is forgotten ---------------------------------------------------------------------------


def test_every_table_that_tells_of_a_request_goes_or_has_a_reason_to_stay() -> None:
    pointing = {
        model
        for model in apps.get_app_config("disclosures").get_models()
        if any(f.related_model is Request and f.name == "request" for f in model._meta.concrete_fields)
    }
    assert pointing == {*parts(), *BLANKED, *LEFT}
    assert Document in set(parts())


def test_the_batch_is_a_random_name() -> None:
    assert opaque("d") != opaque("d")
