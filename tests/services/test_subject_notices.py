"""Whether the person is told: proposed, answered with a reason, and never due of itself."""

from datetime import date, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.timezone import localdate

from audit.models import Entry
from disclosures.demo_kinds import OrderRoad
from disclosures.models import Deadline, PersonalNotice, Request, SubjectNotice
from disclosures.selectors import NotThere
from disclosures.selectors.decision_record import decision_record
from disclosures.services import ActionRefused
from disclosures.services.access import assign_request, restrict_request
from disclosures.services.secrecy import confirm_end_of_secrecy, propose_end_of_secrecy
from disclosures.services.subject_notices import propose_due_notices, record_not_told, record_told
from disclosures.services.sweeping import sweep
from disclosures.states import State
from tests.services.clock_desk import delivered
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WHY = "She is still sought; telling would warn her."


def told(
    world: World, request: Request, who: str = "handler", days: int = 0, words: str = "A letter of ours."
) -> None:
    record_told(
        request_id=request.pk, told_on=localdate(world.now) + days * DAY, manner="LETTER", words=words,
        actor=world[who], now=world.now,
    )  # fmt: skip


def not_told(
    world: World, request: Request, who: str = "handler", why: str = WHY, review_on: date | None = None
) -> None:
    record_not_told(request_id=request.pk, why=why, review_on=review_on, actor=world[who], now=world.now)


def unsecret(world: World) -> Request:
    """An order whose secrecy two members have ended."""
    world.made += 1
    request = OrderRoad(world.people, world.police, world.now, number=world.made).to(State.IN_REVIEW)
    propose_end_of_secrecy(
        request_id=request.pk, ground="AUTHORITY", cited="Letter N-12.", cited_on=localdate(world.now),
        actor=world["handler"], now=world.now,
    )  # fmt: skip
    return confirm_end_of_secrecy(request_id=request.pk, actor=world["mlro"], now=world.now)


def marked(world: World, on: date | None = None) -> Request:
    """The form asks that the person is not told; the demo's says until when."""
    return world.road().record(**({"do_not_notify_review_on": on} if on else {}))


def stands(request: Request) -> list[str]:
    return list(SubjectNotice.objects.filter(request=request).order_by("id").values_list("what", flat=True))


def test_the_end_of_a_secrecy_proposes_it_and_sets_no_clock(
    world: World, mailoutbox: list[EmailMessage]
) -> None:
    clocks = Deadline.objects.count
    request = unsecret(world)
    before = clocks()
    row = SubjectNotice.objects.get(request=request)
    assert (row.what, row.ground, row.review_on) == ("PROPOSED", "SECRECY_ENDED", None)
    delivered(world.now)
    asked = [mail for mail in mailoutbox if "asks whether its person is told" in mail.subject]
    assert {mail.to[0] for mail in asked} == {world["handler"].email, world["verifier"].email}
    assert all(request.reference in mail.subject and "Sample" not in mail.body for mail in asked)
    sweep(now=world.now + 300 * DAY)
    assert stands(request) == ["PROPOSED"]
    assert clocks() == before, "nothing is due"


def test_a_day_for_looking_again_proposes_it_once(world: World, mailoutbox: list[EmailMessage]) -> None:
    request = world.request_in(State.IN_REVIEW)
    assign_request(request_id=request.pk, assignee=world["handler"], actor=world["lead"], now=world.now)
    not_told(world, request, review_on=localdate(world.now) + DAY)
    assert propose_due_notices(now=world.now) == 0
    later = world.now + DAY
    assert propose_due_notices(now=later) == 1
    assert propose_due_notices(now=later) == 0
    assert stands(request) == ["NOT_TOLD", "PROPOSED"]
    assert last("notice.proposed")["detail"]["ground"] == "LOOK_AGAIN"
    delivered(later)
    assert [mail.to for mail in mailoutbox if "asks whether" in mail.subject] == [[world["handler"].email]]
    assert (
        PersonalNotice.objects.filter(request=request, words__contains="told").get().user == world["handler"]
    )


def test_a_mark_not_to_notify_is_looked_at_on_its_day(world: World) -> None:
    request = world.request_in(State.VERIFYING)
    on = Request.objects.get(pk=request.pk).do_not_notify_review_on
    assert on is not None
    later = world.now + timedelta(days=(on - localdate(world.now)).days)
    assert propose_due_notices(now=later - DAY) == 0
    assert propose_due_notices(now=later) == 1
    assert stands(request) == ["PROPOSED"]


def test_a_draft_and_a_secret_are_asked_nothing(world: World) -> None:
    draft, secret = marked(world), world.request_in(State.IN_REVIEW)
    restrict_request(
        request_id=secret.pk, members={world["handler"]: "HANDLER"}, reason="An order.", actor=world["head"],
        now=world.now,
    )  # fmt: skip
    assert propose_due_notices(now=world.now + 400 * DAY) == 0
    assert stands(draft) == stands(secret) == []


def test_an_answered_mail_is_overtaken(world: World, mailoutbox: list[EmailMessage]) -> None:
    request = unsecret(world)
    not_told(world, request, review_on=localdate(world.now) + 90 * DAY)
    delivered(world.now)
    assert not [mail for mail in mailoutbox if "asks whether" in mail.subject]


def test_accepted_it_is_recorded_with_day_and_manner_and_the_words_are_sealed(world: World) -> None:
    request = unsecret(world)
    told(world, request, words="Letter of 3 March, ZEBRA.")
    row = SubjectNotice.objects.filter(request=request).latest("id")
    assert (row.what, row.manner, row.told_on) == ("TOLD", "LETTER", localdate(world.now))
    assert "ZEBRA" not in str(last("notice.told"))
    record = decision_record(request, actor=world["handler"], now=world.now, form="JSON").telling
    assert record.told is not None
    assert "by letter: Letter of 3 March, ZEBRA., recorded by Demo Handler" in record.told
    assert "To be considered since" in record.told
    assert record.why_not is None
    assert record.review_on is None


def test_declined_it_has_a_reason_and_a_day_that_the_record_names(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    on = localdate(world.now) + 90 * DAY
    form = decision_record(request, actor=world["handler"], now=world.now, form="JSON").telling
    assert (form.told, form.why_not) == (None, "The person does not know of the investigation.")
    not_told(world, request, review_on=on)
    record = decision_record(request, actor=world["handler"], now=world.now, form="JSON").telling
    assert (record.why_not, record.review_on) == (WHY, on)
    told(world, request)
    after = decision_record(request, actor=world["handler"], now=world.now, form="JSON").telling
    assert (after.why_not, after.review_on) == (None, None)
    assert after.told is not None
    assert WHY in after.told


def test_all_that_is_wrong_is_said_at_once(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    with pytest.raises(ActionRefused) as refused:
        told(world, request, who="clerk", days=1, words=" ")
    assert {objection.guard for objection in refused.value.objections} == {
        "whoever_tells_has_a_part", "what_was_said_is_written_down", "telling_lies_behind",
    }  # fmt: skip
    with pytest.raises(ActionRefused, match="not_telling_has_a_reason, a_mark_is_looked_at_again"):
        not_told(world, request, why=" ")
    with pytest.raises(ActionRefused, match="looking_again_lies_ahead"):
        not_told(world, request, review_on=localdate(world.now))
    assert stands(request) == []


def test_a_secret_is_not_told_and_why_not_is_in_the_sealed_log(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    restrict_request(
        request_id=request.pk, members={world["handler"]: "HANDLER"}, reason="An order.", actor=world["head"],
        now=world.now,
    )  # fmt: skip
    with pytest.raises(ActionRefused, match="a_secret_is_not_told"):
        told(world, request)
    not_told(world, request)
    assert Entry.objects.get(event="notice.not_told").log == "sealed"
    with pytest.raises(NotThere):
        not_told(world, request, who="lead")


def test_the_database_keeps_what_was_said(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    told(world, request)
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        SubjectNotice.objects.update(manner="TELEPHONE")
    with pytest.raises(IntegrityError, match="notice_is_proposed_on_a_ground"), transaction.atomic():
        SubjectNotice.objects.create(request=request, what="NOT_TOLD", made_at=world.now)
