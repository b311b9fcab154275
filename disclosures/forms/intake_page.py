"""The intake page as a whole: its sections, its rows of people and items, and what becomes of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.http import QueryDict

from accounts.models import Organisation

from ..models import Officer
from ..selectors.opening import OpenedRequest
from ..services.intake import InstrumentInput, Intake, ItemInput, OfficerInput, SubjectInput
from .intake import IntakeForm
from .intake_rows import CopiedRows, ItemSet, PeopleSet
from .rows import edited_rows
from .work import yes_or_no

Values = Mapping[str, Any]
OFFICER = ("name", "rank", "number", "email", "phone")
ANSWERS = (
    "special_category_sought", "child_or_vulnerable", "communications_data_sought", "do_not_notify", "counselling_sought",
    "cost_recovery_asked", "transfer_abroad",
)  # fmt: skip
LISTS = {"purposes", "marketing_channels"}
NEEDED = {"channel", "received_at", "nation"}.union(*IntakeForm.needed_before.values())
OF_INSTRUMENT = (
    "valid_until", "statute_typed", "court", "judge", "case_number", "addressee", "made_on", "served_on", "stated_due_on",
    "authority_shown",
)  # fmt: skip
RENAMED = {"body", "instrument", "instrument_dated_on", *OF_INSTRUMENT}
"""Fields of the form that are not fields of an Intake by the same name; the officers' are the others."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A section: the fields that matter, those for forms that say more, or the rows of a set."""

    name: str
    title: str
    fields: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    rows: str = ""
    help: str = ""


LAYOUT = (
    Layout("arrival", "Arrival", ("channel", "received_at", "nation", "urgency", "urgency_reason", "required_by_on")),
    Layout(
        "asker",
        "Who asks",
        ("body", "requester_name", "requester_rank", "requester_number", "requester_email"),
        ("requester_phone", "unit", "station_address"),
    ),
    Layout(
        "law",
        "The form, and what it relies on",
        ("instrument", "statute_typed", "instrument_dated_on", "crime_reference"),
        ("urn", "operation_name", "form_name", "form_version", "protective_marking", "dated_on", "valid_until"),
    ),
    Layout(
        "order",
        "The order or notice",
        help="Only if one came. Copy it as it stands.",
        more=("court", "judge", "case_number", "addressee", "made_on", "served_on", "stated_due_on", "authority_shown"),
    ),
    Layout(
        "company",
        "A company of the group",
        help="Only if a company of the group asks.",
        more=("policy_purpose", "marketing_channels", "data_recipient", "transfer_abroad", "transfer_mechanism"),
    ),
    Layout(
        "people",
        "Whose information",
        rows="people",
        help="Before release two of these are needed of each person: name, date of birth, address, telephone, e-mail, "
        "account number. An empty row is left out.",
    ),
    Layout(
        "things",
        "What is asked for",
        rows="things",
        help="One row for each thing, with the shortest period that serves.",
    ),
    Layout(
        "reasons",
        "Why they ask",
        ("summary", "purposes", "offence", "offence_withheld", "necessity", "proportionality", "prejudice"),
        ("less_intrusive", "collateral"),
    ),
    Layout(
        "care",
        "What needs care",
        ("special_category_sought", "child_or_vulnerable", "communications_data_sought"),
        ("consent", "victim_told_on", "victim_not_told_reason", "counselling_sought"),
    ),
    Layout("telling", "Telling the person", ("do_not_notify", "do_not_notify_reason", "do_not_notify_review_on")),
    Layout(
        "signatures",
        "Signatures",
        ("signed_on", "declared_purpose", "declared_offence", "countersigner_name", "countersigner_rank", "countersigner_number", "countersigned_on"),
        ("declared_part3", "countersigner_email", "countersigner_phone", "rank_waiver_reason"),
    ),
    Layout("answer", "Where the answer goes", ("return_channel", "return_address"), ("handling", "evidential_format", "cost_recovery_asked")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A section as it stands: `left` counts what some later step still needs; `people_stay` as of the page."""

    layout: Layout
    fields: Sequence[BoundField]
    more: Sequence[BoundField]
    rows: CopiedRows | None
    left: int
    people_stay: int = 0

    @property
    def more_is_open(self) -> bool:
        return any(field.errors or _holds_something(field.value()) for field in self.more)


class IntakePage:
    """The form and its two sets of rows, bound together or not at all."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        now: datetime,
        bodies: Sequence[Organisation],
        initial: Values,
        people_stay: int = 0,
    ) -> None:
        """`initial` are the form's values, with those of the rows under "people" and "things".

        `people_stay`: how many people the request has that are not typed here, because they are too many for a form;
        whatever is sent of people is then not read.
        """
        self.people_stay = people_stay
        sets = ("things",) if people_stay else ("people", "things")
        pressed = next((rows for name in sets if data and (rows := edited_rows(data, name))), None)
        data = pressed or data
        self.form = IntakeForm(data, now=now, bodies=bodies, initial=dict(initial))
        self.people = (
            None
            if people_stay
            else PeopleSet(data, prefix="people", initial=initial.get("people"), form_kwargs={"now": now})
        )
        self.things = ItemSet(data, prefix="things", initial=initial.get("things"))
        if pressed:
            for part in self.parts:
                part.hush()

    @property
    def parts(self) -> tuple[IntakeForm | CopiedRows, ...]:
        return (self.form, self.things) if self.people is None else (self.form, self.people, self.things)

    def is_valid(self) -> bool:
        judged = [part.is_valid() for part in self.parts]
        return all(judged)

    def sections(self) -> list[Section]:
        rows = {"people": self.people, "things": self.things}
        return [
            Section(
                layout=layout,
                fields=[self.form[name] for name in layout.fields],
                more=[self.form[name] for name in layout.more],
                rows=rows.get(layout.rows),
                left=self._left(layout, rows.get(layout.rows)),
                people_stay=self.people_stay if layout.rows == "people" else 0,
            )
            for layout in LAYOUT
        ]

    def _left(self, layout: Layout, rows: CopiedRows | None) -> int:
        if layout.rows == "people" and self.people_stay:
            return 0
        if rows is not None:
            return 0 if any(_is_filled(form) for form in rows.forms) else 1
        waived = set(self._not_asked())
        return sum(
            not _holds_something(self.form[name].value())
            for name in layout.fields
            if name in NEEDED and name not in waived
        )

    def _not_asked(self) -> Iterable[str]:
        """What the answers given make superfluous."""
        if self.form["urgency"].value() in {None, "", "ROUTINE"}:
            yield "urgency_reason"
        if self.form["do_not_notify"].value() != "yes":
            yield from ("do_not_notify_reason", "do_not_notify_review_on")
        if self.form["offence_withheld"].value():
            yield "offence"

    def intake(self) -> Intake:
        """What was typed, for the service; only after `is_valid`. People who stay are not in it."""
        given = self.form.cleaned_data
        own = {field.name for field in fields(Intake)} & given.keys() - RENAMED
        body = self.form.bodies.get(given["body"])
        return Intake(
            **{name: given[name] for name in own - LISTS},
            purposes=tuple(given["purposes"]),
            marketing_channels=tuple(given["marketing_channels"]),
            body_id=body.pk if body else None,
            instrument=_instrument(given),
            requester=_officer(given, "requester"),
            countersigner=_officer(given, "countersigner"),
            subjects=tuple(_subject(row) for row in self.people.filled) if self.people else (),
            items=tuple(ItemInput(**row) for row in self.things.filled),
        )


def initial_of(opened: OpenedRequest) -> dict[str, Any]:
    """A recorded request, as the form shows it again."""
    request, instrument = opened.request, opened.instrument
    same = {field.name for field in fields(Intake)} & set(IntakeForm.base_fields) - RENAMED
    values = {name: getattr(request, name) for name in same}
    values |= {name: "" if values[name] is None else yes_or_no(values[name]) for name in ANSWERS}
    values["body"] = request.body.ref if request.body else ""
    if instrument:
        values |= {
            "instrument": instrument.code,
            "instrument_dated_on": instrument.dated_on,
            **{name: getattr(instrument, name) for name in OF_INSTRUMENT},
        }
    for part in Officer.Part.values:
        if officer := opened.officers.get(part):
            values |= {f"{part.lower()}_{name}": getattr(officer, name) for name in OFFICER}
    names = [field.name for field in fields(SubjectInput)]
    values["people"] = [
        {name: getattr(row, name) for name in names}
        | {"born_on": date.fromisoformat(row.born_on) if row.born_on else None}
        for row in opened.subjects
    ]
    names = [field.name for field in fields(ItemInput)]
    values["things"] = [{name: getattr(row, name) for name in names} for row in opened.items]
    return values


def _instrument(given: Values) -> InstrumentInput | None:
    if not given["instrument"]:
        return None
    return InstrumentInput(
        code=given["instrument"],
        dated_on=given["instrument_dated_on"],
        **{name: given[name] for name in OF_INSTRUMENT},
    )


def _officer(given: Values, part: str) -> OfficerInput:
    return OfficerInput(**{name: given[f"{part}_{name}"] for name in OFFICER})


def _subject(row: Values) -> SubjectInput:
    born = row["born_on"]
    return SubjectInput(**{**row, "born_on": born.isoformat() if born else ""})


def _holds_something(value: Any) -> bool:
    return any(value) if isinstance(value, list | tuple) else value not in {None, "", False}


def _is_filled(form: BaseForm) -> bool:
    if form.is_bound:
        return form.has_changed()
    return any(_holds_something(value) for value in form.initial.values())
