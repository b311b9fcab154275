"""Clocks moved by hand: the issuer's letter, the house's reason, our working date, consent and the moratorium."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection

from disclosures.demo import sample_intake
from disclosures.demo_kinds import OrderRoad
from disclosures.models import ClockEvent, Deadline, Extension, Request
from disclosures.selectors import NotThere
from disclosures.services import ActionRefused
from disclosures.services.consent import (
    record_consent_asked,
    record_consent_given,
    record_consent_refused,
)
from disclosures.services.extending import extend_deadline, set_working_date, undo_extension
from disclosures.services.recording import amend_request
from disclosures.services.sweeping import sweep
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db


def clock_of(request: Request, purpose: str = "ANSWER") -> Deadline:
    return Deadline.objects.get(request=request, purpose=purpose, stopped_at=None)


def extend(world: World, request: Request, until: date, **given: object) -> Extension:
    given = {"purpose": "ANSWER", "reason": "More time is needed.", "actor": world["lead"]} | given
    return extend_deadline(request_id=request.pk, until=until, now=world.now, **given)


def refusals(caught: pytest.ExceptionInfo[ActionRefused]) -> set[str]:
    return {objection.guard for objection in caught.value.objections}


@pytest.fixture
def plain(world: World) -> Request:
    return world.road().record()


@pytest.fixture
def secret(world: World) -> Request:
    return world.road().record(restricted=True, instrument=None)


@pytest.fixture
def order(world: World) -> Request:
    return OrderRoad(world.people, world.police, world.now, number=71).record()


def test_our_own_days_are_extended_with_a_reason_and_the_log_says_so(world: World, plain: Request) -> None:
    before = clock_of(plain).due_on
    assert before is not None
    until = before + timedelta(days=7)
    extend(world, plain, until)
    connection.check_constraints()
    plain.refresh_from_db()
    assert clock_of(plain).due_on == plain.due_on == until
    assert last("deadline.extended")["detail"]["to"] == until.isoformat()
    assert set(last("deadline.extended")["commits"]) == {"reason"}


def test_an_extension_taken_back_is_as_if_it_had_never_been(world: World, plain: Request) -> None:
    before = clock_of(plain)
    given = extend(world, plain, before.due_on + timedelta(days=7))
    undo_extension(
        request_id=plain.pk, extension_id=given.pk, reason="A slip.", actor=world["lead"], now=world.now
    )
    connection.check_constraints()
    after = clock_of(plain)
    assert (after.due_on, after.derivation) == (before.due_on, before.derivation)
    assert after.due_version == 3
    with pytest.raises(ActionRefused) as caught:
        undo_extension(
            request_id=plain.pk, extension_id=given.pk, reason="Again.", actor=world["lead"], now=world.now
        )
    assert refusals(caught) == {"extension_stands"}


def test_what_an_order_sets_moves_only_by_its_issuer_s_letter(world: World, order: Request) -> None:
    until = clock_of(order).due_on + timedelta(days=14)
    with pytest.raises(ActionRefused) as caught:
        extend(world, order, until, actor=world["lead"] if not order.restricted else world["mlro"])
    assert refusals(caught) == {"issuer_wrote"}
    actor = world["mlro"] if order.restricted else world["lead"]
    extend(
        world,
        order,
        until,
        actor=actor,
        letter_reference="CC/17",
        letter_on=world.now.date() - timedelta(days=1),
    )
    connection.check_constraints()
    assert clock_of(order).due_on == until


def test_every_objection_is_told_at_once(world: World, plain: Request) -> None:
    with pytest.raises(ActionRefused) as caught:
        extend(world, plain, world.now.date() - timedelta(days=1), reason=" ")
    assert refusals(caught) == {"day_lies_ahead", "extension_is_later", "reason_is_given"}


@pytest.mark.parametrize("who", ["handler", "clerk", "approver", "admin"])
def test_only_who_leads_moves_a_clock(world: World, plain: Request, who: str) -> None:
    with pytest.raises(NotThere):
        extend(world, plain, date(2030, 1, 1), actor=world[who])


def test_a_pause_carries_over_a_correction_with_the_extension(world: World) -> None:
    road = world.road()
    request = road.record()
    until = clock_of(request).due_on + timedelta(days=7)
    extend(world, request, until)
    earlier = replace(
        sample_intake(world.police, world.now, road.number), received_at=world.now - timedelta(days=3)
    )
    amend_request(request_id=request.pk, intake=earlier, actor=world["clerk"], now=world.now)
    assert clock_of(request).due_on == until
    assert ClockEvent.objects.filter(deadline=clock_of(request), kind="EXTENDED").count() == 1


def test_an_instrument_without_a_date_gets_ours_and_it_is_shown_as_ours(
    world: World, secret: Request
) -> None:
    on = world.now.date() + timedelta(days=9)
    set_working_date(
        request_id=secret.pk, on=on, reason="As long as we need.", actor=world["mlro"], now=world.now
    )
    connection.check_constraints()
    clock = clock_of(secret)
    assert (clock.rule, clock.due_on) == ("NO_DATE", on)
    assert "our own working date" in str(clock.derivation)


def test_a_request_with_a_date_of_its_own_gets_no_working_date(world: World, plain: Request) -> None:
    with pytest.raises(ActionRefused) as caught:
        set_working_date(
            request_id=plain.pk, on=world.now.date(), reason="", actor=world["lead"], now=world.now
        )
    assert refusals(caught) == {"instrument_states_no_date", "reason_is_given"}


# Consent --------------------------------------------------------------------------------------


def asked(world: World, request: Request, on: date) -> Deadline:
    return record_consent_asked(request_id=request.pk, on=on, actor=world["mlro"], now=world.now)


def refused(world: World, request: Request, on: date, law: str = "POCA") -> Deadline:
    clock = record_consent_refused(request_id=request.pk, on=on, law=law, actor=world["mlro"], now=world.now)
    assert clock is not None
    return clock


def test_the_notice_period_and_the_moratorium_stand_side_by_side(world: World, secret: Request) -> None:
    today = world.now.date()
    notice = asked(world, secret, today - timedelta(days=5))
    assert (notice.rule, notice.n) == ("WN", 7)
    moratorium = refused(world, secret, today)
    connection.check_constraints()
    assert (moratorium.rule, moratorium.n, moratorium.due_on) == ("CI", 31, today + timedelta(days=30))
    purposes = dict(Deadline.objects.filter(request=secret).values_list("purpose", "stopped_at"))
    assert purposes["NOTICE_PERIOD"] is not None
    assert purposes["MORATORIUM"] is None


def test_time_of_others_is_not_the_date_of_the_request(world: World, secret: Request) -> None:
    before = secret.due_on
    asked(world, secret, world.now.date())
    secret.refresh_from_db()
    assert secret.due_on == before


def test_that_consent_was_asked_for_is_never_written_on_an_open_request(world: World, plain: Request) -> None:
    with pytest.raises(ActionRefused) as caught:
        record_consent_asked(request_id=plain.pk, on=world.now.date(), actor=world["lead"], now=world.now)
    assert "case_is_known_to_its_members_alone" in refusals(caught)


def test_a_refusal_needs_the_request_it_refuses(world: World, secret: Request) -> None:
    with pytest.raises(ActionRefused) as caught:
        refused(world, secret, world.now.date())
    assert refusals(caught) == {"consent_was_asked_for"}


def test_the_terrorism_act_knows_no_moratorium(world: World, secret: Request) -> None:
    today = world.now.date()
    asked(world, secret, today - timedelta(days=5))
    given = {"request_id": secret.pk, "on": today, "law": "TACT", "actor": world["mlro"], "now": world.now}
    assert record_consent_refused(**given) is None  # type: ignore[arg-type]
    connection.check_constraints()
    detail = last("consent.refused_for_good")["detail"]
    assert (detail["on"], detail["law"]) == (today.isoformat(), "TACT")
    notice = Deadline.objects.get(request=secret, purpose="NOTICE_PERIOD")
    assert notice.stopped_at is not None
    assert not Deadline.objects.filter(request=secret, purpose="MORATORIUM").exists()
    with pytest.raises(ActionRefused) as caught:
        record_consent_refused(**given | {"law": "POCA"})  # type: ignore[arg-type]
    assert refusals(caught) == {"consent_was_not_answered_yet"}


@pytest.mark.parametrize("after_a_refusal", [False, True])
def test_consent_that_came_ends_the_wait_and_may_be_asked_for_anew(
    world: World, secret: Request, after_a_refusal: bool
) -> None:
    today = world.now.date()
    given = {"request_id": secret.pk, "on": today, "actor": world["mlro"], "now": world.now}
    asked(world, secret, today - timedelta(days=5))
    if after_a_refusal:
        refused(world, secret, today - timedelta(days=1))
    record_consent_given(**given)  # type: ignore[arg-type]
    connection.check_constraints()
    assert last("consent.given")["detail"]["on"] == today.isoformat()
    waiting = Deadline.objects.filter(request=secret, purpose__in=["NOTICE_PERIOD", "MORATORIUM"])
    assert waiting.count() == 1 + after_a_refusal
    assert not waiting.filter(stopped_at=None).exists()
    with pytest.raises(ActionRefused) as caught:
        record_consent_given(**given)  # type: ignore[arg-type]
    assert refusals(caught) == {"consent_ends_a_wait"}
    asked(world, secret, today)
    refused(world, secret, today)
    assert waiting.filter(stopped_at=None).count() == 1


def test_silence_until_its_end_is_consent_and_a_later_refusal_starts_no_moratorium(
    world: World, secret: Request
) -> None:
    today = world.now.date()
    first = asked(world, secret, today - timedelta(days=20))
    assert first.due_on is not None
    for late in (first.due_on + timedelta(days=1), today):
        with pytest.raises(ActionRefused) as caught:
            refused(world, secret, late)
        assert refusals(caught) == {"refusal_came_within_the_notice_period"}
    asked(world, secret, today)
    first.refresh_from_db()
    assert first.stopped_at is not None
    assert clock_of(secret, "NOTICE_PERIOD").pk != first.pk
    with pytest.raises(ActionRefused) as caught:
        asked(world, secret, today)
    assert refusals(caught) == {"consent_was_not_asked_for_yet"}
    assert refused(world, secret, today).due_on == today + timedelta(days=30)


def test_a_refusal_on_the_last_day_of_the_notice_period_is_in_time(world: World, secret: Request) -> None:
    first = asked(world, secret, world.now.date() - timedelta(days=20))
    assert first.due_on is not None
    assert refused(world, secret, first.due_on).due_on == first.due_on + timedelta(days=30)


def test_a_refusal_names_the_law_that_says_what_follows(world: World, secret: Request) -> None:
    asked(world, secret, world.now.date())
    with pytest.raises(ActionRefused) as caught:
        refused(world, secret, world.now.date(), law="")
    assert refusals(caught) == {"refusal_names_its_law"}
    assert Deadline.objects.get(request=secret, purpose="NOTICE_PERIOD").stopped_at is None


def test_the_crown_court_extends_by_31_days_at_a_time_and_to_the_cap(world: World, secret: Request) -> None:
    today = world.now.date()
    asked(world, secret, today - timedelta(days=5))
    end = refused(world, secret, today).due_on
    assert end is not None
    letter = {"purpose": "MORATORIUM", "actor": world["mlro"], "letter_reference": "CC/9", "letter_on": today}
    with pytest.raises(ActionRefused) as caught:
        extend(world, secret, end + timedelta(days=32), **letter)
    assert refusals(caught) == {"court_gives_at_most_its_days"}
    for _ in range(6):
        end += timedelta(days=31)
        extend(world, secret, end, **letter)
    assert end == today + timedelta(days=216), "186 days after the first 31"
    assert clock_of(secret, "MORATORIUM").due_on == end
    with pytest.raises(ActionRefused) as caught:
        extend(world, secret, end + timedelta(days=1), **letter)
    assert refusals(caught) == {"moratorium_is_within_its_cap"}


def test_nobody_extends_the_notice_period(world: World, secret: Request) -> None:
    end = asked(world, secret, world.now.date()).due_on
    with pytest.raises(ActionRefused) as caught:
        extend(
            world, secret, end + timedelta(days=1), purpose="NOTICE_PERIOD", actor=world["mlro"],
            letter_reference="x", letter_on=world.now.date(),
        )  # fmt: skip
    assert refusals(caught) == {"clock_can_be_extended"}


def test_the_end_of_the_notice_period_is_told_once(world: World, secret: Request) -> None:
    clock = asked(world, secret, world.now.date())
    over = clock.due_at + timedelta(minutes=1)
    sweep(now=over)
    sweep(now=over + timedelta(days=1))
    assert clock.reminders.filter(threshold="OVERDUE").count() == 1
