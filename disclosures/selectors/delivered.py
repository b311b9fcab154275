"""How each letter and each message of ours stands: the whole history, the newest last."""

from dataclasses import dataclass

from ..models import Correspondence, Letter, LetterMail, Request
from .opening import Opened, OpenedRequest


@dataclass(frozen=True, slots=True)
class Sent:
    """`key` names it in a form, by its place among the request's own; `stages` are what was noted, oldest first."""

    key: str
    words: str
    stages: list[Opened]
    letter_id: int | None = None
    message_id: int | None = None

    @property
    def newest(self) -> Opened | None:
        return self.stages[-1] if self.stages else None


def sent_things(opened: OpenedRequest) -> list[Sent]:
    """Letters that left, then calls and messages from us; in the order in which they went."""
    letters = [row for row in opened.letters if row.sent_at]
    ours = [row for row in reversed(opened.correspondence) if row.direction == Correspondence.Direction.OUT]
    return [
        *(
            Sent(f"letter-{place}", _letter(row), stages_of(opened, letter=row.pk), letter_id=row.pk)
            for place, row in enumerate(letters, start=1)
        ),
        *(
            Sent(f"message-{place}", _message(row), stages_of(opened, message=row.pk), message_id=row.pk)
            for place, row in enumerate(ours, start=1)
        ),
    ]


def newest_mail(request: Request, purpose: str) -> LetterMail | None:
    """The last time that a letter of this purpose was given to be sent by mail."""
    mails = LetterMail.objects.filter(request=request, letter__purpose=purpose)
    return mails.select_related("queued_by", "called_back_by").order_by("-id").first()


def stages_of(
    opened: OpenedRequest, *, letter: int | None = None, message: int | None = None
) -> list[Opened]:
    return [
        row
        for row in opened.deliveries
        if (letter and row.letter_id == letter) or (message and row.message_id == message)
    ]


def receipt_of(opened: OpenedRequest, letter: Opened) -> str | None:
    """How the letter stands, and how that is known."""
    stages = stages_of(opened, letter=letter.pk)
    return f"{stages[-1].get_stage_display()}: {stages[-1].reason}" if stages else None


def _letter(row: Opened) -> str:
    return f"{Letter.Purpose(row.purpose).label}, round {row.round}, to {row.sent_to}"


def _message(row: Opened) -> str:
    return f"{row.get_channel_display()} to {row.with_whom}"
