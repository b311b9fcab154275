"""Asking data holders to keep what may be needed, hearing from them, and letting it go with the instrument's end."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User, opaque

from ..deadlines.calendars import london_day, nth_working_day
from ..models import Correspondence, HeldSystem, HoldLine, HoldTask, Instrument, Item, Request, Subject
from ..models.request import Channel
from ..permissions import move_grants, who_may
from ..states import Perm
from .calendars import calendar_for
from .changes import demand, locked, record_change, refuse, use_case
from .lifting import move_holds, promise_of_hold
from .notices import tell_followers

CONFIRM_WORKING_DAYS = 1
Result = HoldLine.Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A holder's answer. `not_held`: the lines (by id) of which nothing is held, where the rest is kept."""

    result: str
    not_held: Set[int] = frozenset()
    kept_on: date | None = None
    how: str = ""
    note: str = ""


@use_case
def ask_for_hold(*, request_id: int, system_id: int, actor: User, now: datetime) -> HoldTask:
    """Asks one system's holder to keep every pair whose item it holds and that no lasting hold of it has yet.

    Raises ActionRefused where nothing is to be preserved, the end is not known or past, or all of it is asked for.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.REVIEW, now)
    system = HeldSystem.objects.get(pk=system_id, is_active=True)
    until_on = _end_of(request, actor, "ASK_HOLD", now)
    pairs = _pairs_to_ask(request, system, actor)
    task = HoldTask.objects.create(
        request=request,
        reference=opaque("k"),
        system=system,
        asked_at=now,
        asked_by=actor,
        due_on=nth_working_day(now, CONFIRM_WORKING_DAYS, calendar_for(request.nation)),
        until_on=until_on,
    )
    HoldLine.objects.bulk_create(
        HoldLine(
            request=request,
            task=task,
            item=item,
            subject=subject,
            period_from=item.period_from,
            period_to=item.period_to,
        )
        for item, subject in pairs
    )
    move_grants(request, now)  # of a request that was there before anybody could keep anything
    if not who_may(request=request, perm=Perm.KEEP, now=now):
        raise refuse(request, actor, "ASK_HOLD", ("somebody_can_keep_it", _nobody(request)))
    promise_of_hold(topic="hold.asked", task=task, now=now)
    record_change(
        request,
        event="hold.asked",
        actor=actor,
        role=role,
        now=now,
        detail={"task": task.reference, "system": system.code, "until": until_on.isoformat()},
    )
    return task


def _nobody(request: Request) -> str:
    if request.restricted:
        return "No data holder is a member of this restricted request, so nobody could be asked. Have one named first."
    return "Nobody in office is a data holder, so nobody could be asked. Tell an administrator."


def _end_of(request: Request, actor: User, what: str, now: datetime) -> date:
    """The day until which the governing preservation request asks that it be kept."""
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    if instrument is None or not instrument.terms.preserves:
        sentence = "Only a preservation request asks that something be kept."
        raise refuse(request, actor, what, ("instrument_preserves", sentence))
    if instrument.valid_until is None:
        sentence = (
            "It is not recorded until which day it is to be kept. Return the request and ask for the day."
        )
        raise refuse(request, actor, what, ("end_is_known", sentence))
    if instrument.valid_until < london_day(now):
        sentence = "The day until which it was to be kept is past. Ask the body whether it still needs it."
        raise refuse(request, actor, what, ("end_lies_ahead", sentence))
    return instrument.valid_until


def _pairs_to_ask(request: Request, system: HeldSystem, actor: User) -> list[tuple[Item, Subject]]:
    items = [item for item in Item.objects.filter(request=request) if item.item_type in system.holds]
    if not items:
        sentence = f"{system.name} holds none of the items asked for."
        raise refuse(request, actor, "ASK_HOLD", ("system_holds_it", sentence))
    lasting = HoldLine.objects.filter(request=request, task__system=system, task__ended_at=None)
    asked = set(lasting.values_list("item_id", "subject_id"))
    subjects = list(Subject.objects.filter(request=request))
    pairs = [(i, s) for i in items for s in subjects if (i.pk, s.pk) not in asked]
    if not pairs:
        sentence = f"{system.name} has already been asked to keep all of it."
        raise refuse(request, actor, "ASK_HOLD", ("asked_once", sentence))
    return pairs


@use_case
def confirm_hold(*, task_id: int, answer: Kept, actor: User, now: datetime) -> HoldTask:
    """A data holder says what was done: kept, how and since when; nothing held; or that it had ended before.

    Raises ActionRefused with every fault at once.
    """
    found = HoldTask.objects.get(pk=task_id)
    request = locked(found.request_id)
    role = demand(request, actor, Perm.KEEP, now)
    task = HoldTask.objects.select_related("system").get(pk=task_id)
    task.request = request
    if task.confirmed_at:
        raise refuse(request, actor, "KEEP", ("hold_is_open", "This hold has already been confirmed."))
    lines = HoldLine.objects.filter(task=task)
    if faults := _faults(task, answer, set(lines.values_list("pk", flat=True)), now):
        raise refuse(request, actor, "KEEP", *faults)
    lines.update(result=answer.result)
    is_kept = answer.result == Result.KEPT
    if is_kept and answer.not_held:
        lines.filter(pk__in=answer.not_held).update(result=Result.NOT_HELD)
    task.confirmed_at, task.confirmed_by = now, actor
    task.kept_on = answer.kept_on if is_kept else None
    task.seal(how=answer.how.strip() if is_kept else "", note=answer.note.strip())
    task.save(update_fields=["confirmed_at", "confirmed_by", "kept_on", "how", "note"])
    promise_of_hold(topic="hold.confirmed", task=task, now=now)
    tell_followers(request, "has the answer to a hold", but=actor, now=now)
    record_change(
        request,
        event="hold.confirmed",
        actor=actor,
        role=role,
        now=now,
        detail={
            "task": task.reference,
            "result": answer.result,
            "not_held": len(answer.not_held) if is_kept else 0,
            "kept_on": task.kept_on.isoformat() if task.kept_on else "",
        },
        commits={name: text for name in ("how", "note") if (text := getattr(answer, name).strip())},
    )
    return task


def _faults(task: HoldTask, answer: Kept, lines: Set[int], now: datetime) -> list[tuple[str, str]]:
    faults = []
    if answer.result not in Result.values:
        faults.append(("result_is_given", "Say whether it is kept or nothing is held."))
    if answer.result == Result.NOT_KEPT and task.ended_at is None:
        faults.append(("hold_had_ended", "The hold has not ended: it is kept, or nothing is held."))
    if answer.result != Result.KEPT:
        return faults
    if not answer.how.strip():
        faults.append(("way_is_described", "Say how it is kept."))
    if answer.kept_on is None:
        faults.append(("day_is_given", "Say since which day it is kept."))
    elif answer.kept_on > london_day(now):
        faults.append(("it_has_happened", "The day since which it is kept lies in the future."))
    if not answer.not_held <= lines:
        faults.append(("lines_are_its_own", "A line you ticked does not belong to this hold."))
    elif answer.not_held == lines:
        faults.append(
            ("something_is_kept", "Nothing is held of any line, you say: choose “Nothing is held”.")
        )
    return faults


@use_case
def move_end(
    *, request_id: int, until: date, letter_on: date, words: str, actor: User, now: datetime
) -> Instrument:
    """The body asks in writing that it be kept to another day: the instrument's end moves, and with it every hold.

    The letter stands in the correspondence. Raises ActionRefused with every fault at once.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.TIME, now)
    _end_of(request, actor, "MOVE_HOLD", now)
    instrument = Instrument.objects.get(request=request, governs=True)
    today, faults = london_day(now), []
    if until < today:
        faults.append(
            ("day_lies_ahead", "The new day is past. If the body lets it go, withdraw the request.")
        )
    if until == instrument.valid_until:
        faults.append(("day_is_another", "That is the day it ends already."))
    if letter_on > today:
        faults.append(("letter_has_come", "The letter is dated in the future."))
    if not words.strip():
        faults.append(("letter_is_described", "Write down what the letter says, with its reference."))
    if faults:
        raise refuse(request, actor, "MOVE_HOLD", *faults)
    before = instrument.valid_until
    instrument.valid_until = until
    instrument.save(update_fields=["valid_until"])
    letter = Correspondence(
        request=request, direction=Correspondence.Direction.IN, channel=Channel.POST, at=now,
        recorded_at=now, recorded_by=actor,
    )  # fmt: skip
    letter.seal(with_whom="The body that asked", words=f"Letter of {letter_on:%d.%m.%Y}: {words.strip()}")
    letter.save(force_insert=True)
    moved = move_holds(request=request, until=until, now=now)
    record_change(
        request,
        event="hold.moved",
        actor=actor,
        role=role,
        now=now,
        detail={"from": before.isoformat() if before else "", "to": until.isoformat(), "tasks": moved},
        commits={"words": words.strip()},
    )
    return instrument
