"""The bank holidays changed: every open clock is counted again, in one run that anybody can take up where it was left.

The run is begun in the transaction that changes the table. Each batch is a transaction of its own that moves the
run on as well, so that a process killed between two batches, or inside one, leaves nothing half done.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.models import Membership, User
from accounts.roles import Role
from accounts.selectors import controller
from audit.canonical import JSON
from audit.entries import SYSTEM, Actor, Changed, append, append_changes
from audit.nudge import nudge as nudge_sequencer

from .. import outbox
from ..deadlines.calendars import Calendar
from ..deadlines.rules import Event, RuleCode
from ..models import CalendarRun, ClockEvent, CompartmentMember, Deadline, Request
from .access_recounting import count_access_again
from .calendars import calendar_for
from .clocks import derive_into, take_earliest_of

BATCH = 250
EVENT = "deadline.recalculated"


@dataclass(frozen=True, slots=True)
class Moved:
    deadline: Deadline
    was_on: date | None


def begin_run(*, changes: Sequence[Mapping[str, str]], actor: User | None, now: datetime) -> CalendarRun:
    """Promises the run in the caller's transaction; the worker's bell is rung when it commits."""
    run = CalendarRun(
        ref=f"RUN-{secrets.token_hex(6).upper()}", changes=list(changes), started_at=now, actor=actor
    )
    run.save(force_insert=True)
    _tell_the_log(
        run, actor, now, days=[f"{row['change']} {row['division']} {row['day']}" for row in changes]
    )
    transaction.on_commit(outbox.nudge)
    return run


def continue_runs(*, now: datetime) -> int:
    """Takes every unfinished run to its end; how many batches that took. Two at once share the work or stand aside."""
    batches = 0
    if not CalendarRun.objects.filter(finished_at=None).exists():
        return batches
    while _take_a_batch(now):
        batches += 1
    return batches


@transaction.atomic(durable=True)
def _take_a_batch(now: datetime) -> bool:
    """The next requests of the oldest unfinished run; False where there is none, or somebody else has it in hand."""
    unfinished = CalendarRun.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    run = unfinished.filter(finished_at=None).order_by("id").first()
    if run is None:
        return False
    requests, more = _next_requests(run)
    counted = list(_counted_again(requests))
    _keep(counted, run, now)
    run.moved += sum(not request.restricted and any(map(_date_moved, moved)) for request, moved in counted)
    if requests:
        run.after_request = requests[-1].pk
    if not more:
        run.finished_at = now
        count_access_again(run=run, now=now)
        _tell_the_owners(run, now)
    run.version += 1
    run.save()
    _tell_the_log(run, None, now, moved=run.moved, finished=run.finished_at is not None)
    nudge_sequencer()
    return True


def _next_requests(run: CalendarRun) -> tuple[list[Request], bool]:
    """Locked, by age, and whether there may be more. A batch is counted by what is not restricted.

    What else lies between rides along: the log tells of each batch, and must be the same without it.
    """
    clocks = Deadline.objects.filter(request=OuterRef("pk"), stopped_at=None)
    rows = Request.objects.filter(Exists(clocks), pk__gt=run.after_request).order_by("pk")
    batch = list(rows.filter(restricted=False).values_list("pk", flat=True)[:BATCH])
    more = len(batch) == BATCH
    taken = rows.filter(pk__lte=batch[-1]) if more else rows
    return list(taken.select_for_update(no_key=True, of=("self",))), more


def _counted_again(requests: Sequence[Request]) -> Iterable[tuple[Request, list[Moved]]]:
    """Each request with those of its clocks that now say something else."""
    ids = [request.pk for request in requests]
    by_request: Mapping[int, list[Deadline]] = defaultdict(list)
    for deadline in Deadline.objects.filter(request__in=ids, stopped_at=None).order_by("id"):
        by_request[deadline.request_id].append(deadline)
    events: Mapping[int, list[Event]] = defaultdict(list)
    heard = ClockEvent.objects.filter(request__in=ids, deadline__stopped_at=None).order_by("id")
    for deadline_id, kind, at, on, extension in heard.values_list(
        "deadline_id", "kind", "at", "on", "extension_id"
    ):
        events[deadline_id].append(Event(kind=kind, at=at, on=on, extension=extension))
    calendars: dict[tuple[str, bool], Calendar] = {}
    for request in requests:
        changed = []
        for deadline in by_request[request.pk]:
            key = deadline.scheme, deadline.rule == RuleCode.SLA
            if key not in calendars:
                calendars[key] = calendar_for(key[0], closures=key[1])
            before, was_on = _said(deadline), deadline.due_on
            derive_into(deadline=deadline, events=events[deadline.pk], calendar=calendars[key])
            if _said(deadline) != before:
                changed.append(Moved(deadline, was_on))
        if changed:
            take_earliest_of(request, by_request[request.pk])
            yield request, changed


def _said(deadline: Deadline) -> tuple[object, ...]:
    """What a reader sees of it, but for who proclaimed a day: another source for the same day moves nothing."""
    lines = [(line["day"], line["words"]) for line in deadline.derivation]
    return deadline.due_at, deadline.last_day_on, deadline.provisional, lines


def _date_moved(moved: Moved) -> bool:
    return moved.deadline.due_on != moved.was_on


UPDATE_CLOCKS = """
    UPDATE disclosures_deadline AS clock SET due_on = new.due_on, due_at = new.due_at,
        last_day_on = new.last_day_on, provisional = new.provisional, derivation = new.derivation::jsonb,
        due_version = new.due_version, moved_by_id = new.moved_by, moved_from_on = new.moved_from_on
    FROM unnest(%s::bigint[], %s::date[], %s::timestamptz[], %s::date[], %s::boolean[], %s::text[], %s::int[],
        %s::bigint[], %s::date[]) AS new (id, due_on, due_at, last_day_on, provisional, derivation, due_version,
        moved_by, moved_from_on)
    WHERE clock.id = new.id
"""
UPDATE_REQUESTS = """
    UPDATE disclosures_request AS request SET due_on = new.due_on, due_at = new.due_at, version = new.version
    FROM unnest(%s::bigint[], %s::date[], %s::timestamptz[], %s::int[]) AS new (id, due_on, due_at, version)
    WHERE request.id = new.id
"""


def _keep(counted: Sequence[tuple[Request, list[Moved]]], run: CalendarRun, now: datetime) -> None:
    """All of a batch in three statements: ten thousand times three of them would take minutes."""
    if not counted:
        return
    clocks = []
    for request, moved in counted:
        request.version += 1
        for row in moved:
            if _date_moved(row):
                row.deadline.moved_by_id, row.deadline.moved_from_on = run.pk, row.was_on
            clocks.append(_values(row.deadline))
    requests = [(request.pk, request.due_on, request.due_at, request.version) for request, _ in counted]
    with connection.cursor() as cursor:
        cursor.execute(UPDATE_CLOCKS, [list(column) for column in zip(*clocks, strict=True)])
        cursor.execute(UPDATE_REQUESTS, [list(column) for column in zip(*requests, strict=True)])
    append_changes(
        event=EVENT,
        actor=SYSTEM,
        changes=[
            (
                Changed("request", request.reference, request.version),
                request.log,
                {
                    "as_of": now.isoformat(timespec="seconds"),
                    "run": run.ref,
                    "clocks": [
                        {
                            "purpose": row.deadline.purpose,
                            "from": _iso(row.was_on),
                            "to": _iso(row.deadline.due_on),
                        }
                        for row in moved
                    ],
                },
            )
            for request, moved in counted
        ],
    )


def _values(clock: Deadline) -> tuple[object, ...]:
    return (
        clock.pk, clock.due_on, clock.due_at, clock.last_day_on, clock.provisional, json.dumps(clock.derivation),
        clock.due_version, clock.moved_by_id, clock.moved_from_on,
    )  # fmt: skip


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _tell_the_owners(run: CalendarRun, now: datetime) -> None:
    """One promise for each person whom it may concern; what the mail may name is asked when it is sent.

    Whom nothing but secrets concerns is promised it in the name of one of them: then neither the log file nor the
    page of health tells of it.
    """
    moved = Deadline.objects.filter(moved_by=run)
    clocks = moved.filter(request__restricted=False)
    people = set(clocks.exclude(request__assignee=None).values_list("request__assignee", flat=True))
    if clocks.filter(request__assignee=None).exists():
        handlers = Membership.objects.valid_at(now).filter(organisation=controller(), role=Role.HANDLER)
        people |= set(handlers.values_list("user_id", flat=True))
    secrets = moved.filter(request__restricted=True).values("request")
    members = CompartmentMember.objects.valid_at(now).filter(request__in=secrets).order_by("-request_id")
    of_secrets = dict(members.values_list("user_id", "request_id"))
    for user in sorted(people | of_secrets.keys()):
        secret = {} if user in people else {"request": of_secrets[user]}
        outbox.put(
            key=f"calendar:{run.ref}:{user}",
            topic="calendar.moved",
            payload={"run": run.pk, "user": user, **secret},
            not_before=now,
        )


def _tell_the_log(run: CalendarRun, actor: User | None, now: datetime, **detail: JSON) -> None:
    append(
        event="calendar.run_moved_on",
        actor=Actor(actor.ref) if actor else SYSTEM,
        obj=Changed("calendar_run", run.ref, run.version),
        detail={"as_of": now.isoformat(timespec="seconds"), **detail},
    )
