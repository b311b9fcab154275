"""Clearing people for interception and ending it; and telling who keeps the list that a clearance runs out.

Of a warrant itself nothing is ever written (Investigatory Powers Act 2016, sections 57 to 59): this is the list of
those to whom it is taken by hand.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.days import british
from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of
from audit.entries import Actor, Changed, append
from audit.models import Log
from audit.nudge import nudge as nudge_sequencer
from sealing.keys import new_key

from .. import outbox
from ..deadlines.calendars import end_of, london_day
from ..deadlines.keeping import years_after
from ..models import InterceptionClearance, InterceptionClearanceEnd, OutboxRow
from ..selectors import NotThere
from ..selectors.interception import clearances_ending_soon, keepers_of_the_cleared, keeps_the_cleared

MOST_YEARS = 2  # of the house: the vetting is looked at again by then
TOPIC = "interception.ends"


class ClearanceRefused(Exception):
    """`sentences` say why, all of them."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


@transaction.atomic(durable=True)
def clear_for_interception(
    *,
    person: User,
    vetting: str,
    begins: datetime | None = None,
    until: datetime | None,
    actor: User,
    now: datetime,
) -> InterceptionClearance:
    """From then on they are named to whoever takes a warrant in. Raises ClearanceRefused with every fault; NotThere
    for anybody but a head of legal."""
    by = _keeper(actor, now)
    since = begins if begins and begins > now else now
    faults = _faults_of_time(begins, until, now)
    if person.pk == actor.pk:
        faults.append("Nobody clears themselves. Another head of legal has to do it.")
    if not roles_of(person, now):
        faults.append(f"{person.display_name} holds no role here today.")
    if not vetting.strip():
        faults.append("Say on which vetting the clearance rests.")
    _locked(person.pk)
    if until is not None and _clashes(person, since, until):
        faults.append(
            f"{person.display_name} is already cleared for a part of that time. End that clearance first, or begin "
            "after it."
        )
    if faults or until is None:
        raise ClearanceRefused(faults)
    row = InterceptionClearance(
        data_key=new_key(), user=person, valid_from=since, valid_until=until, given_at=now, given_by=actor
    )
    row.seal(vetting=vetting)
    row.save(force_insert=True)
    append(
        event="interception_clearance.given",
        actor=by,
        obj=Changed("interception_clearance", row.ref, row.version),
        log=Log.SEALED,
        detail={
            "as_of": now.isoformat(timespec="seconds"),
            "person": person.ref,
            "from": since.isoformat(timespec="seconds"),
            "until": until.isoformat(timespec="seconds"),
        },
        commits={"vetting": vetting},
        key=row.data_key,
    )
    nudge_sequencer()
    return row


@transaction.atomic(durable=True)
def end_interception_clearance(*, ref: str, actor: User, now: datetime) -> InterceptionClearanceEnd:
    """At once: they are named to nobody any more. Raises as above."""
    by = _keeper(actor, now)
    person = InterceptionClearance.objects.filter(ref=ref).values_list("user", flat=True).first()
    if person is None:
        raise NotThere
    _locked(person)
    row = InterceptionClearance.objects.not_over(now).filter(ref=ref).select_related("user").first()
    if row is None:
        raise ClearanceRefused(["This clearance has ended already."])
    end = InterceptionClearanceEnd.objects.create(clearance=row, ended_at=now, ended_by=actor)
    append(
        event="interception_clearance.ended",
        actor=by,
        obj=Changed("interception_clearance_end", row.ref, end.version),
        log=Log.SEALED,
        detail={"as_of": now.isoformat(timespec="seconds"), "person": row.user.ref},
    )
    nudge_sequencer()
    return end


def remind_of_interception(*, now: datetime) -> int:
    """Promises each head of legal one mail for each clearance that runs out within thirty days. Run by the sweep."""
    rows = list(clearances_ending_soon(now))
    keepers = keepers_of_the_cleared(now) if rows else []
    wanted = {f"{TOPIC}:{row.ref}:{person.ref}": (row, person) for row in rows for person in keepers}
    made = set(OutboxRow.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()
    missing = ((key, row, person) for key, (row, person) in wanted.items() if key not in made)
    return sum(_remind_of_clearance(key, row, person, now) for key, row, person in missing)


@transaction.atomic(durable=True)
def _remind_of_clearance(key: str, row: InterceptionClearance, person: User, now: datetime) -> bool:
    payload: dict[str, int | str] = {"user": person.pk, "clearance": row.pk}
    return outbox.put(key=key, topic=TOPIC, payload=payload, not_before=now, ring=False)


def _keeper(actor: User, now: datetime) -> Actor:
    if not keeps_the_cleared(actor, now):
        raise NotThere
    return Actor(actor.ref, Role.HEAD_OF_LEGAL)


def _locked(person: int) -> None:
    """Of two changes for one person at once, the second sees what the first left."""
    User.objects.select_for_update(no_key=True).get(pk=person)


def _clashes(person: User, since: datetime, until: datetime) -> bool:
    rows = InterceptionClearance.objects.filter(user=person, end=None)
    return rows.filter(valid_from__lt=until, valid_until__gt=since).exists()


def _faults_of_time(begins: datetime | None, until: datetime | None, now: datetime) -> list[str]:
    today = london_day(now)
    faults = []
    if begins is not None and london_day(begins) < today:
        faults.append(
            "The first day must not lie in the past: a clearance counts from the day on which it is written down."
        )
    longest = years_after(today, MOST_YEARS)
    if until is None:
        faults.append("Nobody is cleared for ever: give a last day.")
    elif until <= now:
        faults.append("The last day must not lie in the past.")
    elif begins is not None and until <= begins:
        faults.append("The last day must not lie before the first.")
    elif until > end_of(longest):
        faults.append(
            f"The last day must lie within two years, by {british(longest)}. Look at the vetting again by then."
        )
    return faults
