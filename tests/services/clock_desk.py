"""A desk at a fixed moment, for the tests of time: its calendar is filled and its clocks can be read."""

from datetime import UTC, datetime
from itertools import count

from accounts.models import User
from disclosures import demo, outbox
from disclosures.deadlines.rules import Purpose
from disclosures.models import Deadline, OutboxRow, Request
from disclosures.services.delivering import deliver
from disclosures.services.holidays import PACKAGE, import_holidays, rows_of_the_package
from disclosures.services.recalculating import continue_runs

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_numbers = count(1)


class Desk:
    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now
        this_year = [row for row in rows_of_the_package() if row.day.year == 2026]
        import_holidays(rows=this_year, source=PACKAGE, actor=None, now=now)
        continue_runs(now=now)
        self.company, self.police, self.people = demo.make_desk(
            now=now, password="correct horse battery staple"
        )

    def road(self, now: datetime | None = None) -> demo.Road:
        return demo.Road(self.people, self.police, now or self.now, number=next(_numbers))

    def recorded(self, **changes: object) -> Request:
        """A draft that has just come in; ten working days, unless the changes say otherwise."""
        return self.road().record(**({"received_at": self.now} | changes))

    def in_person(self, *keys: str) -> set[User]:
        return {self.people[key] for key in keys}


def clock_of(request: Request, purpose: Purpose = Purpose.ANSWER) -> Deadline:
    return Deadline.objects.filter(request=request, purpose=purpose, stopped_at=None).get()


def forget_steps() -> None:
    """Ends what the steps promised, so that only what time asks for is left."""
    OutboxRow.objects.filter(
        topic__in=["request.moved", "search.asked", "search.answered"], done_at=None
    ).delete()


def delivered(now: datetime) -> int:
    """Keeps every due promise, as the worker does; how many rows were worked on."""
    rounds = 0
    while deliver(now=now):
        rounds += 1
    return rounds


def backlog(now: datetime) -> int:
    return outbox.backlog(now=now).waiting
