"""A secret ends by two of its members on a ground; a day for looking again ends nothing."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from audit.models import Entry
from disclosures.demo_kinds import OrderRoad
from disclosures.models import CompartmentMember, OutboxRow, Request, SecrecyEnd
from disclosures.permissions import may
from disclosures.selectors import NotThere
from disclosures.selectors.facts import facts_for
from disclosures.services import ActionRefused
from disclosures.services.access import restrict_request
from disclosures.services.secrecy import (
    confirm_end_of_secrecy,
    propose_end_of_secrecy,
    remind_of_secrecy,
    set_secrecy_review,
    turn_down_end_of_secrecy,
)
from disclosures.states import Action, Perm, State
from tests.services.clock_desk import delivered
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ANSWER = "Letter of the force, ref. N-12: he may be told."


@pytest.fixture
def secret(world: World) -> Request:
    """Known to the head of legal, a handler and an approver."""
    request = world.request_in(State.IN_REVIEW)
    named = {world["handler"]: "HANDLER", world["approver"]: "APPROVER"}
    return restrict_request(
        request_id=request.pk, members=named, reason="An order forbids telling.", actor=world["head"], now=world.now
    )  # fmt: skip


def propose(
    world: World, request: Request, who: str = "handler", cited: str = ANSWER, days: int = 0
) -> SecrecyEnd:
    return propose_end_of_secrecy(
        request_id=request.pk, ground="AUTHORITY", cited=cited, cited_on=localdate(world.now) + days * DAY,
        actor=world[who], now=world.now,
    )  # fmt: skip


def confirm(world: World, request: Request, who: str = "head") -> Request:
    return confirm_end_of_secrecy(request_id=request.pk, actor=world[who], now=world.now)


def test_two_members_end_it_and_the_desk_sees_it_from_then_on(world: World, secret: Request) -> None:
    propose(world, secret)
    assert not may(world["lead"], secret.reference, Perm.VIEW, world.now)
    ended = confirm(world, secret)
    assert not ended.restricted
    assert may(world["lead"], secret.reference, Perm.VIEW, world.now)
    assert not CompartmentMember.objects.filter(request=secret, ended_at=None).exists()
    row = SecrecyEnd.objects.get(request=secret)
    assert (row.proposed_by, row.decided_by, row.confirmed) == (world["handler"], world["head"], True)
    assert last("secrecy.ended")["detail"]["proposed_by"] == world["handler"].ref
    logs = dict(Entry.objects.filter(event__startswith="secrecy.").values_list("event", "log"))
    assert logs == {"secrecy.end_proposed": "sealed", "secrecy.ended": "main"}
    assert "N-12" not in str(last("secrecy.end_proposed"))


def test_whoever_proposed_it_does_not_confirm_it(world: World, secret: Request) -> None:
    propose(world, secret, who="head")
    for decide in (
        lambda: confirm(world, secret),
        lambda: turn_down_end_of_secrecy(request_id=secret.pk, why="No.", actor=world["head"], now=world.now),
    ):
        with pytest.raises(ActionRefused, match="another_member_decides"):
            decide()


def test_the_database_knows_that_it_takes_two(world: World, secret: Request) -> None:
    row = propose(world, secret)
    with pytest.raises(IntegrityError, match="secrecy_ends_by_two_people"), transaction.atomic():
        SecrecyEnd.objects.filter(pk=row.pk).update(
            decided_at=world.now, decided_by=row.proposed_by, confirmed=True
        )


def test_one_of_the_two_says_who_may_know(world: World, secret: Request) -> None:
    propose(world, secret)
    with pytest.raises(ActionRefused, match="one_of_both_says_who_may_know"):
        confirm(world, secret, who="approver")
    assert confirm(world, secret).restricted is False


def test_who_is_no_member_neither_proposes_nor_confirms(world: World, secret: Request) -> None:
    with pytest.raises(NotThere):
        propose(world, secret, who="mlro")
    propose(world, secret)
    with pytest.raises(NotThere):
        confirm(world, secret, who="mlro")


def test_a_proposal_cites_what_lies_behind_and_comes_once(world: World, secret: Request) -> None:
    with pytest.raises(ActionRefused) as refused:
        propose(world, secret, cited=" ", days=1)
    assert {objection.guard for objection in refused.value.objections} == {
        "something_is_cited", "what_is_cited_lies_behind",
    }  # fmt: skip
    propose(world, secret)
    with pytest.raises(ActionRefused, match="no_other_proposal_waits"):
        propose(world, secret, who="approver")


def test_what_was_turned_down_stays_in_the_record_and_may_be_proposed_again(
    world: World, secret: Request
) -> None:
    propose(world, secret)
    with pytest.raises(ActionRefused, match="no_has_a_reason"):
        turn_down_end_of_secrecy(request_id=secret.pk, why=" ", actor=world["head"], now=world.now)
    turn_down_end_of_secrecy(
        request_id=secret.pk, why="That is another case.", actor=world["head"], now=world.now
    )
    assert Request.objects.get(pk=secret.pk).restricted
    propose(world, secret)
    confirm(world, secret)
    answers = SecrecyEnd.objects.filter(request=secret).order_by("id").values_list("confirmed", flat=True)
    assert list(answers) == [False, True]


def test_an_open_request_has_no_secrecy_to_end(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    with pytest.raises(ActionRefused, match="it_is_a_secret"):
        propose(world, request)


def test_an_instrument_that_forbids_telling_goes_on_in_the_open_once_its_secrecy_has_ended(
    world: World,
) -> None:
    world.made += 1
    order = OrderRoad(world.people, world.police, world.now, number=world.made).to(State.IN_REVIEW)
    propose(world, order)
    confirm(world, order, who="mlro")
    request = Request.objects.get(pk=order.pk)
    assert facts_for(request, actor=world["handler"], now=world.now, action=Action.PROPOSE).secrecy_ended
    assert may(world["lead"], order.reference, Perm.VIEW, world.now)


def test_a_day_for_looking_again_reminds_the_members_weekly_and_ends_nothing(
    world: World, secret: Request, mailoutbox: list[EmailMessage]
) -> None:
    on = localdate(world.now) + 3 * DAY
    set_secrecy_review(request_id=secret.pk, on=on, actor=world["head"], now=world.now)
    assert remind_of_secrecy(now=world.now + 2 * DAY) == 0
    then = world.now + 3 * DAY
    assert [remind_of_secrecy(now=then), remind_of_secrecy(now=then), remind_of_secrecy(now=then + DAY)] == [
        1,
        0,
        0,
    ]
    delivered(then)
    told = {mail.to[0] for mail in mailoutbox if "looked at again" in mail.subject + mail.body}
    assert told == {world[key].email for key in ("head", "handler", "approver")}
    assert remind_of_secrecy(now=then + 7 * DAY) == 1
    assert Request.objects.get(pk=secret.pk).restricted
    assert not may(world["lead"], secret.reference, Perm.VIEW, then + 7 * DAY)


def test_a_reminder_overtaken_by_another_day_is_not_sent(
    world: World, secret: Request, mailoutbox: list[EmailMessage]
) -> None:
    set_secrecy_review(
        request_id=secret.pk, on=localdate(world.now) + DAY, actor=world["head"], now=world.now
    )
    assert remind_of_secrecy(now=world.now + DAY) == 1
    set_secrecy_review(
        request_id=secret.pk, on=localdate(world.now) + 9 * DAY, actor=world["head"], now=world.now
    )
    delivered(world.now + DAY)
    assert not [mail for mail in mailoutbox if "looked at again" in mail.subject + mail.body]


def test_the_day_lies_ahead_and_only_a_keeper_sets_it(world: World, secret: Request) -> None:
    with pytest.raises(ActionRefused, match="review_lies_ahead"):
        set_secrecy_review(request_id=secret.pk, on=localdate(world.now), actor=world["head"], now=world.now)
    with pytest.raises(NotThere):
        set_secrecy_review(request_id=secret.pk, on=None, actor=world["handler"], now=world.now)
    assert not OutboxRow.objects.filter(topic="secrecy.review").exists()
