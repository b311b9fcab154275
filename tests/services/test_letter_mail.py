"""A letter leaves by mail: locked, held, handed over and noted as it stands, or called back, or failed."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage

from disclosures import outbox
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad
from disclosures.documents.locked_zip import locked_zip, new_password
from disclosures.models import Delivery, Letter, LetterMail, OutboxRow, Request
from disclosures.selectors import NotThere
from disclosures.selectors.opening import open_password
from disclosures.services import ActionRefused
from disclosures.services.delivery import note_delivery
from disclosures.services.letter_mail import HOLD, call_back_letter, queue_letter
from disclosures.services.letters import prepare_letter, record_letter_sent
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.world import World

from .clock_desk import delivered

pytestmark = pytest.mark.django_db

ANSWER, RETURN = Letter.Purpose.OUTCOME, Letter.Purpose.RETURN


def at(world: World, state: State) -> Road:
    road = world.road()
    road.to(state)
    OutboxRow.objects.all().delete()
    return road


def mailbox(road: Road) -> str:
    domain = road.body.domains.filter(legacy=False).first()
    assert domain is not None
    return f"disclosure.unit@{domain.domain}"


def queue(
    world: World, road: Road, purpose: str = ANSWER, who: str = "release", **changes: str
) -> LetterMail:
    assert road.request is not None
    given = {"address": mailbox(road), **changes}
    return queue_letter(request_id=road.request.pk, purpose=purpose, actor=world[who], now=world.now, **given)


def fresh(road: Road) -> Request:
    assert road.request is not None
    return Request.objects.get(pk=road.request.pk)


def stages(road: Road) -> list[str]:
    return list(Delivery.objects.filter(request=road.request).order_by("id").values_list("stage", flat=True))


def letters_among(mails: list[EmailMessage]) -> list[EmailMessage]:
    return [mail for mail in mails if mail.attachments]


def test_the_letter_waits_and_then_leaves_and_that_is_the_release(world: World, mailoutbox) -> None:
    road = at(world, State.RELEASING)
    queue(world, road)
    assert last("letter.queued")["detail"]["purpose"] == "OUTCOME"
    delivered(world.now + HOLD - timedelta(seconds=1))
    assert letters_among(mailoutbox) == []
    assert (fresh(road).state, stages(road)) == (State.RELEASING, ["QUEUED"])
    delivered(world.now + HOLD)
    (mail,) = letters_among(mailoutbox)
    assert mail.to == [mailbox(road)]
    assert (fresh(road).state, stages(road)) == (State.RELEASED, ["QUEUED", "SENT"])
    letter = Letter.objects.get(request=road.request, purpose=ANSWER)
    assert (letter.sent_channel, letter.sent_by, letter.sent_at) == (
        "SECURE_MAIL",
        world["release"],
        world.now + HOLD,
    )
    assert last("request.step_taken")["detail"]["channel"] == "SECURE_MAIL"
    row = LetterMail.objects.get()
    assert (row.sent_at, row.attachment) == (world.now + HOLD, None)
    delivered(world.now + HOLD * 2)
    assert len(letters_among(mailoutbox)) == 1


def test_the_mail_names_the_reference_and_nothing_else_and_its_file_is_locked(
    world: World, mailoutbox
) -> None:
    road = at(world, State.RELEASING)
    mail = queue(world, road)
    password = open_password(fresh(road), mail, actor=world["release"], now=world.now).password
    delivered(world.now + HOLD)
    (sent,) = letters_among(mailoutbox)
    reference = fresh(road).reference
    assert sent.subject == f"Letter from {world.company.name}, our reference {reference}"
    text = f"{sent.subject}\n{sent.body}"
    for secret in ("Sample", "Example-", "Northshire", "Fraud", "payment", "NS/", password):
        assert secret not in text
    ((name, content, kind),) = sent.attachments
    assert (name, kind) == (f"{reference}.zip", "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(content))  # type: ignore[arg-type]
    (inside,) = archive.infolist()
    assert (inside.filename, inside.flag_bits & 1, inside.compress_type) == (f"{reference}.pdf", 1, 99)
    assert b"%PDF" not in content  # type: ignore[operator]


def test_what_is_held_can_be_called_back_and_the_release_undone(world: World, mailoutbox) -> None:
    road = at(world, State.RELEASING)
    queue(world, road)
    with pytest.raises(ActionRefused) as refused:
        road.step("release", Action.UNDO_RELEASE)
    assert "Call it back first" in " ".join(refused.value.sentences)
    with pytest.raises(ActionRefused, match="letter_is_not_leaving"):
        record_letter_sent(
            request_id=fresh(road).pk, purpose=ANSWER, channel="POST", sent_to="1 Station Road", actor=world["release"],
            now=world.now,
        )  # fmt: skip
    call_back_letter(request_id=fresh(road).pk, purpose=ANSWER, actor=world["release"], now=world.now)
    assert last("letter.called_back")["detail"]["round"] == 1
    delivered(world.now + HOLD)
    assert letters_among(mailoutbox) == []
    assert stages(road) == ["QUEUED", "CALLED_BACK"]
    assert LetterMail.objects.get().attachment is None
    assert road.step("release", Action.UNDO_RELEASE).state == State.APPROVED


def test_what_is_leaving_cannot_be_called_back(world: World) -> None:
    road = at(world, State.RELEASING)
    queue(world, road)
    outbox.claim(n=1, now=world.now + HOLD)
    with pytest.raises(ActionRefused, match="mail_is_still_held"):
        call_back_letter(request_id=fresh(road).pk, purpose=ANSWER, actor=world["release"], now=world.now)


def test_a_letter_called_back_can_be_sent_again(world: World, mailoutbox) -> None:
    road = at(world, State.RELEASING)
    queue(world, road)
    with pytest.raises(ActionRefused, match="letter_is_not_leaving"):
        queue(world, road)
    call_back_letter(request_id=fresh(road).pk, purpose=ANSWER, actor=world["release"], now=world.now)
    queue(world, road)
    delivered(world.now + HOLD)
    assert len(letters_among(mailoutbox)) == 1


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("robin.sample@gmail.com", "never to private mail"),
        ("robin.sample@n0rthshire.police.example", "in the register"),
        ("", "Say to which mailbox it goes."),
    ],
)
def test_it_goes_to_the_bodys_own_mailbox_only(world: World, address: str, sentence: str) -> None:
    with pytest.raises(ActionRefused) as refused:
        queue(world, at(world, State.RELEASING), address=address)
    assert sentence in " ".join(refused.value.sentences)


def test_a_domain_struck_out_meanwhile_stops_the_mail_and_somebody_is_told(world: World, mailoutbox) -> None:
    road = at(world, State.RELEASING)
    queue(world, road)
    road.body.domains.all().delete()
    delivered(world.now + HOLD)
    assert letters_among(mailoutbox) == []
    assert (fresh(road).state, stages(road)) == (State.RELEASING, ["QUEUED", "FAILED"])
    assert last("letter.not_sent")["detail"]["purpose"] == "OUTCOME"
    assert [mail for mail in mailoutbox if "could not be sent by mail" in mail.subject]


def test_a_mail_server_that_never_takes_it_leaves_the_letter_unsent(
    world: World, mailoutbox, monkeypatch
) -> None:
    road = at(world, State.RELEASING)
    queue(world, road)
    send = EmailMessage.send

    def refuse(self: EmailMessage, fail_silently: bool = False) -> int:
        if self.attachments:
            raise ConnectionRefusedError("greylisted")
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", refuse)
    moment = world.now + HOLD
    for _ in range(outbox.ATTEMPTS):
        delivered(moment)
        assert Letter.objects.get(request=road.request, purpose=ANSWER).sent_at is None
        moment += outbox.LONGEST_WAIT
    assert stages(road) == ["QUEUED", "FAILED"]
    assert fresh(road).state == State.RELEASING
    row = OutboxRow.objects.get(topic="letter.mail")
    assert (row.gave_up_at is not None, row.last_error) == (True, "ConnectionRefusedError")
    assert letters_among(mailoutbox) == []


def test_a_mail_handed_over_twice_is_known_by_its_message_id_and_released_once(
    world: World, mailoutbox, monkeypatch
) -> None:
    """Killed after the mail server took it and before that was noted: it goes again, and only then is it noted."""
    road = at(world, State.RELEASING)
    queue(world, road)
    complete = outbox.complete
    with monkeypatch.context() as killed:
        killed.setattr("disclosures.services.letter_mail.has_left", lambda **_: None)
        killed.setattr(
            outbox, "complete", lambda row, now: row.topic != "letter.mail" and complete(row, now=now)
        )
        delivered(world.now + HOLD)
    assert fresh(road).state == State.RELEASING
    delivered(world.now + HOLD + outbox.LEASE)
    first, second = (mail.message() for mail in letters_among(mailoutbox))
    assert first["Message-ID"] == second["Message-ID"]
    assert (fresh(road).state, stages(road)) == (State.RELEASED, ["QUEUED", "SENT"])


def test_a_letter_for_information_leaves_without_a_step(world: World, mailoutbox) -> None:
    road = at(world, State.RETURNED)
    prepare_letter(
        request_id=fresh(road).pk, purpose=RETURN, recipient="PC Sample", body="Dear PC Sample, …", actor=world["clerk"],
        now=world.now,
    )  # fmt: skip
    queue(world, road, RETURN, who="clerk")
    with pytest.raises(ActionRefused, match="letter_is_not_leaving"):
        prepare_letter(
            request_id=fresh(road).pk, purpose=RETURN, recipient="PC Sample", body="Other.", actor=world["clerk"],
            now=world.now,
        )  # fmt: skip
    delivered(world.now + HOLD)
    assert len(letters_among(mailoutbox)) == 1
    assert (fresh(road).state, stages(road)) == (State.RETURNED, ["QUEUED", "SENT"])
    assert last("letter.sent")["detail"]["channel"] == "SECURE_MAIL"


def test_a_refusal_leaves_by_mail_and_can_then_be_closed(world: World, mailoutbox) -> None:
    road = at(world, State.REFUSED)
    queue(world, road)
    with pytest.raises(ActionRefused, match="letter_was_sent"):
        road.step("release", Action.CLOSE)
    delivered(world.now + HOLD)
    road.now = world.now + HOLD
    assert road.step("release", Action.CLOSE).state == State.CLOSED


def test_a_bounce_is_noted_by_a_person_and_what_the_desk_does_is_not(world: World, mailoutbox) -> None:
    road = at(world, State.RELEASING)
    queue(world, road)
    delivered(world.now + HOLD)
    letter = Letter.objects.get(request=road.request, purpose=ANSWER)
    given = {
        "request_id": fresh(road).pk,
        "letter_id": letter.pk,
        "actor": world["release"],
        "now": world.now + 2 * HOLD,
    }
    with pytest.raises(ActionRefused, match="stage_is_known"):
        note_delivery(stage="FAILED", at=world.now + HOLD, reason="I think so.", **given)
    note_delivery(stage="BOUNCED", at=world.now + 2 * HOLD, reason="Mailbox full, says the bounce.", **given)
    assert stages(road) == ["QUEUED", "SENT", "BOUNCED"]


def test_a_company_is_mailed_nothing(world: World) -> None:
    world.made += 1
    road = CompanyRoad(world.people, world.police, world.now, number=world.made)
    road.to(State.RELEASING)
    with pytest.raises(ActionRefused, match="company_reads_it_here"):
        queue(world, road)


@pytest.mark.parametrize("who", ["handler", "clerk", "auditor", "outsider"])
def test_nobody_else_sends_the_answer(world: World, who: str) -> None:
    with pytest.raises(NotThere):
        queue(world, at(world, State.RELEASING), who=who)


def test_an_answer_not_approved_is_not_queued(world: World) -> None:
    with pytest.raises(ActionRefused, match="answer_is_decided"):
        queue(world, at(world, State.APPROVED))


# The lock ------------------------------------------------------------------------------------

# As an independent reader of the format opens it with the password ABC: WinZip AE-2, AES-256.
VECTOR = (
    "504b0304330001086300000021000000000027000000090000000a000b006c65747465722e7064660199070002004145030800000102030405060708090a"
    "0b0c0d0e0f75dde87c7b301b35e728983181effc7085e99dd3848670504b0102330033000108630000002100000000002700000009"
    "0000000a000b0000000000000000000000000000006c65747465722e7064660199070002004145030800504b05060000000001000100430000005a0000000000"
)


def test_the_file_is_locked_as_others_open_it() -> None:
    assert locked_zip("letter.pdf", b"A letter.", "ABC", salt=bytes(range(16))).hex() == VECTOR
    assert locked_zip("letter.pdf", b"A letter.", "ABC") != locked_zip("letter.pdf", b"A letter.", "ABC")


def test_a_password_has_a_hundred_bits_and_nothing_that_is_misheard() -> None:
    drawn = {new_password() for _ in range(200)}
    assert len(drawn) == 200
    for password in drawn:
        assert len(password.replace("-", "")) == 21
        assert not set(password) & set("IO01")
