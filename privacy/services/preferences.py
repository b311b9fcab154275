"""Recording what somebody said about being approached. The person goes in by digests, and never into the log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import Organisation, User
from accounts.roles import Role
from accounts.selectors import roles_of
from audit.entries import SYSTEM, Actor, Changed, append

from ..digests import digest
from ..identity import NORMALISATION, Mark, identity, normal_forms
from ..models import Preference, PreferenceMark

HANDS = (
    Role.HANDLER, Role.INTAKE_CLERK, Role.DPO, Role.TEAM_LEAD, Role.APPROVER, Role.HEAD_OF_LEGAL, Role.ADMIN,
)  # fmt: skip
SCREENINGS = frozenset({Preference.Kind.TPS_CLEAR, Preference.Kind.TPS_LISTED})
OVERRULERS = frozenset({Role.DPO, Role.HEAD_OF_LEGAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceInput:
    """`record_id` is the source's own number of it; `company` a code of the register, empty for everybody."""

    record_id: str
    kind: str
    said_at: datetime
    source: str
    channel: str = ""
    company: str = ""
    wording: str = ""
    policy_number: int | None = None
    account_number: str = ""
    email: str = ""
    phone: str = ""
    name: str = ""
    born_on: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    preference: Preference
    is_new: bool


class PreferenceRefused(ValueError):
    """`reasons` are all that is wrong with it; none of them repeats what was typed."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(reasons))


@transaction.atomic
def record_preference(*, given: PreferenceInput, actor: User | None, now: datetime) -> Recorded:
    """Adds one. The same record again adds nothing; the same number with other content is refused.

    `actor` None is a file. Raises PreferenceRefused with every reason.
    """
    by = _hand(given, actor, now)
    company = Organisation.objects.filter(code=given.company).first() if given.company else None
    forms = normal_forms(
        account_number=given.account_number, email=given.email, phone=given.phone, name=given.name, born_on=given.born_on
    )  # fmt: skip
    if faults := [*_faults(given, company, now), *_faults_of_person(given, bool(forms), Mark.PHONE in forms)]:
        raise PreferenceRefused(faults)
    if given.kind in SCREENINGS:  # what was screened is a number, whoever has it
        forms = {mark: form for mark, form in forms.items() if mark == Mark.PHONE}
    marks = identity(digest, forms)
    record, content = digest("RECORD", given.record_id.strip()), digest("CONTENT", _content(given, marks))
    earlier = Preference.objects.filter(record_digest=record).first()
    if earlier is not None:
        if earlier.content_digest != content:
            raise PreferenceRefused([
                "A record with this record_id is here already and says something else. Give a change a number of its own."
            ])  # fmt: skip
        return Recorded(earlier, is_new=False)
    row = Preference.objects.create(
        record_digest=record,
        content_digest=content,
        kind=given.kind,
        channel=given.channel,
        company=company,
        said_at=given.said_at,
        source=given.source,
        wording=given.wording,
        policy_number=given.policy_number,
        recorded_at=now,
        hand=actor,
    )
    PreferenceMark.objects.bulk_create(
        PreferenceMark(preference=row, mark=mark, digest=found, normalisation=NORMALISATION)
        for mark, found in marks.items()
    )
    append(
        event="preference.recorded",
        actor=by,
        obj=Changed("preference", row.ref, row.version),
        detail={
            "kind": row.kind,
            "channel": row.channel,
            "company": company.ref if company else "",
            "source": row.source,
            "said_on": localdate(row.said_at).isoformat(),
        },
    )
    return Recorded(row, is_new=True)


def _hand(given: PreferenceInput, actor: User | None, now: datetime) -> Actor:
    if actor is None:
        return SYSTEM
    held = roles_of(actor, now)
    role = next((role for role in HANDS if role in held), None)
    if role is None:
        raise PreferenceRefused(["Only the desk records what people ask for."])
    if given.kind == Preference.Kind.OVERRULED:
        role = next((role for role in OVERRULERS if role in held), None)
        if role is None:
            raise PreferenceRefused([
                "Only the data protection officer or the head of legal overrules an objection."
            ])  # fmt: skip
    return Actor(actor.ref, role)


def _content(given: PreferenceInput, marks: dict[str, str]) -> str:
    parts = [given.kind, given.channel, given.company, given.said_at.isoformat(), given.source, given.wording]
    return json.dumps([*parts, given.policy_number, sorted(marks.items())])


def _faults(given: PreferenceInput, company: Organisation | None, now: datetime) -> list[str]:
    kinds, found = Preference.Kind, []
    if not given.record_id.strip():
        found.append("record_id is empty; it keeps a second import from counting twice.")
    registers: dict[str, tuple[str, list[str]]] = {
        "kind": (given.kind, kinds.values),
        "channel": (given.channel, ["", *Preference.Channel.values]),
        "source": (given.source, Preference.Source.values),
    }
    for name, (value, known) in registers.items():
        if value not in known:
            found.append(f"{name} is none of {', '.join(filter(None, known))}.")
    if given.company and company is None:
        found.append("company is not the code of an organisation in the register.")
    if given.said_at > now:
        found.append("said_at lies in the future.")
    if given.kind == kinds.OVERRULED and given.source != Preference.Source.DESK:
        found.append("An objection is overruled at the desk: its source is DESK.")
    return [*found, *_faults_of_consent(given)]


def _faults_of_consent(given: PreferenceInput) -> Iterator[str]:
    if given.kind != Preference.Kind.CONSENT:
        return
    if not given.company or not given.channel:
        yield "A consent names the company and the channel it is given for."
    if given.source == Preference.Source.CONTRACT:
        yield "Agreeing to our terms is no consent; record it only where the person chose it."


def _faults_of_person(given: PreferenceInput, is_known: bool, has_phone: bool) -> list[str]:
    found = []
    if given.born_on and not _is_day(given.born_on):
        found.append("born_on is no date; write it as 1988-04-17.")
    if not is_known:
        found.append("Nothing says whose it is: give account_number, email, phone, or name with born_on.")
    if given.kind in SCREENINGS and not has_phone:
        found.append("A screening needs the phone that was screened.")
    return found


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return False
    return True
