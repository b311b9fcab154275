"""What time itself asks for. Run every half minute by beat or by the loop; twice is as good as once."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Value

from .. import outbox
from ..catalogue import LADDERS, Ladder
from ..catalogue.checks import LIMITS
from ..deadlines.calendars import london_day
from ..deadlines.escalating import turn_of
from ..deadlines.rules import EMERGENCY_PURPOSES, Purpose, Threshold
from ..models import Deadline, Reminder
from ..selectors.ladders import on_ladders
from ..states import State
from .access_disposing import destroy_confirmed_access
from .access_keeping import settle_access_periods
from .access_reminding import remind_of_access
from .cells import keep_cells
from .chasing import chase_holds, chase_searches
from .copies import destroy_copies
from .destroying import destroy_what_was_confirmed
from .expiring import expire_due
from .interception import remind_of_interception
from .interests import call_out_reviews
from .keeping import settle_periods
from .lapsing import keep_compartments, renew_keepers_grants
from .lifting import keep_holds_in_step
from .log_mail import promise_checkpoint_mails
from .objecting import void_for_objections
from .recalculating import continue_runs
from .secrecy import remind_of_secrecy
from .subject_notices import propose_due_notices

CHASE = timedelta(hours=LIMITS.chase_every_hours)

INSERT_REMINDER = """
    INSERT INTO disclosures_reminder (deadline_id, due_version, threshold, period, created_at)
    VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, kw_only=True)
class SweepResult:
    reminders: int
    expired: int
    chased: int = 0
    voided: int = 0
    holds: int = 0
    members: int = 0
    destroyed: int = 0
    reviews: int = 0


@dataclass(frozen=True, kw_only=True)
class Due:
    deadline_id: int
    due_version: int
    threshold: Threshold
    period: str = ""


def sweep(*, now: datetime) -> SweepResult:
    members = keep_compartments(now=now) + renew_keepers_grants(now=now)
    keep_cells(now=now)
    continue_runs(now=now)
    expired, voided = expire_due(now=now), void_for_objections(now=now)
    holds = keep_holds_in_step(now=now)
    reminders = sum(_remind(due, now) for due in _due_reminders(now)) + remind_of_access(now=now)
    promise_checkpoint_mails(now=now)
    chased = chase_searches(now=now) + chase_holds(now=now) + call_out_reviews(now=now)
    settle_periods(now=now)
    settle_access_periods(now=now)
    destroyed = destroy_what_was_confirmed(now=now) + destroy_copies(now=now)
    destroyed += destroy_confirmed_access(now=now)
    reviews = remind_of_secrecy(now=now) + propose_due_notices(now=now)
    remind_of_interception(now=now)
    return SweepResult(
        expired=expired,
        voided=voided,
        reminders=reminders,
        chased=chased,
        holds=holds,
        members=members,
        destroyed=destroyed,
        reviews=reviews,
    )


@transaction.atomic(durable=True)
def _remind(due: Due, now: datetime) -> bool:
    """The row is unique: of two sweeps at once one promises the mail, the other moves on."""
    key = (due.deadline_id, due.due_version, due.threshold.value, due.period)
    with connection.cursor() as cursor:
        cursor.execute(INSERT_REMINDER, [*key, now])
        if cursor.rowcount == 0:
            return False
    return outbox.put(
        key=":".join(str(part) for part in ("reminder", *key)),
        topic="reminder",
        payload={
            "deadline": due.deadline_id,
            "due_version": due.due_version,
            "threshold": due.threshold.value,
        },
        not_before=now,
        ring=False,
    )


def _due_reminders(now: datetime) -> Iterator[Due]:
    today = london_day(now)
    running = Deadline.objects.running()
    slow = running.exclude(purpose__in=EMERGENCY_PURPOSES)
    in_time = slow.filter(due_at__gt=now).annotate(span=F("due_at") - F("starts_at"))
    yield from _without(Threshold.HALF, "", in_time.filter(starts_at__lte=now - F("span") * 0.5))
    yield from _without(
        Threshold.THREE_QUARTERS, "", in_time.filter(starts_at__lte=Value(now) - F("span") * 0.75)
    )
    yield from _without(Threshold.LAST_DAY, "", in_time.filter(last_day_on__lte=today))
    late = slow.filter(due_at__lte=now)
    for days, ladders in _by_pace(lambda ladder: ladder.overdue_days).items():
        yield from _without(Threshold.OVERDUE, turn_of(today, days), on_ladders(late, ladders))
    yield from _papers_to_chase(running, now)
    for minutes, ladders in _by_pace(lambda ladder: ladder.emergency_minutes).items():
        if minutes:
            yield from _emergencies(on_ladders(running, ladders), timedelta(minutes=minutes), now)


def _by_pace(pace: Callable[[Ladder], int]) -> Mapping[int, list[str]]:
    """The ladders that remind at the same pace, which are few paces."""
    found: dict[int, list[str]] = defaultdict(list)
    for code, ladder in LADDERS.items():
        found[pace(ladder)].append(code)
    return found


def _emergencies(running: QuerySet[Deadline], pace: timedelta, now: datetime) -> Iterator[Due]:
    nagging = running.filter(purpose__in=EMERGENCY_PURPOSES, starts_at__lte=now - pace)
    for deadline in nagging.order_by("request_id", "due_at").distinct("request_id"):
        turn = (now - deadline.starts_at) // pace
        yield from _without(Threshold.EMERGENCY, str(turn), running.filter(pk=deadline.pk))


def _papers_to_chase(running: QuerySet[Deadline], now: datetime) -> Iterator[Due]:
    """Every few hours after an emergency release, until the written form has come or its absence is assessed."""
    released = running.filter(purpose=Purpose.RATIFICATION, request__state=State.EMERGENCY_RELEASED)
    for deadline in released.filter(starts_at__lte=now - CHASE).order_by("due_at", "id"):
        turn = (now - deadline.starts_at) // CHASE
        yield from _without(Threshold.PAPER, str(turn), running.filter(pk=deadline.pk))


def _without(threshold: Threshold, period: str, deadlines: QuerySet[Deadline]) -> Iterator[Due]:
    """Those not reminded of this yet."""
    reminded = Reminder.objects.filter(
        deadline=OuterRef("pk"), due_version=OuterRef("due_version"), threshold=threshold.value, period=period
    )
    for pk, version in deadlines.filter(~Exists(reminded)).order_by("id").values_list("pk", "due_version"):
        yield Due(deadline_id=pk, due_version=version, threshold=threshold, period=period)
