"""What the page that moves a clock shows: the clocks that run, and what was moved by hand before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User

from ..deadlines.rules import (
    PURPOSE_WORDS,
    WAITING_PURPOSES,
    WINDOW_PURPOSES,
    EventKind,
    Purpose,
    RuleCode,
)
from ..models import ClockEvent, Deadline, Request
from .opening import Opened, open_extensions


@dataclass(frozen=True, slots=True)
class Given:
    """`number` counts the request's own, from the oldest: it names one in the form."""

    number: int
    row: Opened
    words: str
    stands: bool


@dataclass(frozen=True, slots=True)
class DeadlinePage:
    clocks: Sequence[tuple[Deadline, str]]
    given: Sequence[Given]

    @property
    def extendable(self) -> list[tuple[str, str]]:
        return [
            (clock.purpose, words)
            for clock, words in self.clocks
            if clock.rule != RuleCode.HOURS
            and clock.purpose not in {Purpose.RATIFICATION, Purpose.NOTICE_PERIOD, *WINDOW_PURPOSES}
        ]

    @property
    def states_no_date(self) -> bool:
        return any(clock.rule == RuleCode.NO_DATE for clock, _ in self.clocks)

    @property
    def waiting(self) -> list[tuple[Deadline, str]]:
        """The notice period and the moratorium, side by side."""
        return [(clock, words) for clock, words in self.clocks if clock.purpose in WAITING_PURPOSES]


def deadline_page(request: Request, *, actor: User, now: datetime) -> DeadlinePage:
    """For a person who came through `request_for` with the permission to move a clock; writes the view entry."""
    clocks = list(Deadline.objects.filter(request=request, stopped_at=None).order_by("due_at", "id"))
    running = {clock.pk for clock in clocks}
    heard = ClockEvent.objects.filter(request=request, deadline__in=running, extension__isnull=False)
    events = set(heard.values_list("kind", "extension_id"))
    extensions = open_extensions(request, actor=actor, now=now)
    return DeadlinePage(
        clocks=[(clock, PURPOSE_WORDS[Purpose(clock.purpose)]) for clock in clocks],
        given=[
            Given(
                number,
                row,
                PURPOSE_WORDS[Purpose(row.purpose)],
                (EventKind.EXTENDED.value, row.pk) in events
                and (EventKind.UNDONE.value, row.pk) not in events,
            )
            for number, row in zip(range(len(extensions), 0, -1), extensions, strict=True)
        ],
    )
