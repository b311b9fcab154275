"""A company's own request, one thing a page: what each page asks, and the request it makes of the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Organisation, User
from privacy.selectors import purposes_above

from ..catalogue import ITEM_TYPES, PURPOSES, Comms
from ..models.request import Channel, MarketingChannel, ReturnChannel, Transfer
from ..selectors.opening import OpenedRequest
from ..services.intake import InstrumentInput, Intake, ItemInput, OfficerInput, SubjectInput
from .base import DeskForm
from .intake_rows import MOST_ITEMS, CopiedRows, ItemForm, People, SubjectForm, Things
from .rows import edited_rows
from .texts import PARAGRAPH, Choice, CopiedForm, Line, Paragraphs
from .work import YesNo, yes_or_no

OPEN_PURPOSES = tuple(purpose for purpose in PURPOSES.values() if purpose.open_to_group)
LISTS = ("purposes", "marketing_channels")
MOST_LINES = 2_000
TYPED_BY_HAND = 25


class PurposeForm(CopiedForm):
    """Offers the purposes that the version of the policy in force puts above its disclosure clause."""

    policy_purpose = forms.ChoiceField(
        label="What do you want to use the information for?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you want to use the information for."},
    )
    marketing_channels = forms.MultipleChoiceField(
        label="If you want to tell people about services: by which channels?",
        choices=MarketingChannel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="By e-mail or text message, only people who agreed to hear from your company by name.",
    )
    summary = Paragraphs(
        label="What is it about?",
        required=True,
        help_text="What happened, and what you want to find out or do.",
    )

    def offer(self, above: frozenset[str]) -> None:
        self.fields["policy_purpose"].choices = [  # type: ignore[attr-defined]
            (row.code, f"{row.name} ({row.clause})") for row in OPEN_PURPOSES if row.code in above
        ]

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        purpose = PURPOSES.get(given.get("policy_purpose", ""))
        if purpose is not None and purpose.marketing and not given.get("marketing_channels"):
            self.add_error("marketing_channels", "Choose by which channels you want to reach people.")
        given["marketing_channels"] = (
            tuple(given.get("marketing_channels", ())) if purpose and purpose.marketing else ()
        )
        return given


class WhyForm(CopiedForm):
    necessity = Paragraphs(
        label="Why do you need it?",
        required=True,
        help_text="Why less, or information without names, would not do.",
    )
    proportionality = Paragraphs(
        label="Why is it fair to the people?",
        required=True,
        help_text="What they would expect, what it does to them, and what protects them.",
    )


class WhoForm(CopiedForm):
    data_recipient = Line(
        label="Who in your company will receive it?",
        required=True,
        help_text="The team, and how many people.",
    )
    special_category_sought = YesNo(
        label="Do you ask for anything about health, beliefs, origin, sex life or crime?"
    )
    transfer_abroad = YesNo(label="Will it leave the United Kingdom?")
    transfer_mechanism = Choice(
        label="If it does: on what does the transfer rest?", choices=Transfer.choices, empty="It stays here"
    )

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("transfer_abroad") and not given.get("transfer_mechanism"):
            self.add_error(
                "transfer_mechanism", "Say on what the transfer rests. If in doubt, ask your lawyers."
            )
        if given.get("transfer_abroad") is False:
            given["transfer_mechanism"] = ""
        return given


class CompanyItemForm(ItemForm):
    """Communications data is not offered: no company of the group can ask for it."""

    item_type = Choice(
        label="What do you ask for?",
        choices=[(i.code, i.name) for i in ITEM_TYPES.values() if i.comms is Comms.NOT_COMMS],
        empty="Choose one",
        required=True,
        error_messages={"required": "Choose what you ask for, or clear the row."},
    )


class CompanyPersonForm(SubjectForm):
    """Your own reference comes back with every line of the answer."""

    field_order = ("own_reference", "name", "born_on", "account_number", "address", "phone", "email")
    needed_before = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("status", "aliases", "type"):
            del self.fields[name]
        self.fields["own_reference"].label = "Your own reference"


ThingsSet: type[Things] = forms.formset_factory(  # type: ignore[assignment]
    CompanyItemForm, formset=Things, extra=0, min_num=1, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS + 5,
    validate_max=True,
)  # fmt: skip
PeopleByHand: type[People] = forms.formset_factory(  # type: ignore[assignment]
    CompanyPersonForm, formset=People, extra=0, min_num=1, max_num=TYPED_BY_HAND, absolute_max=TYPED_BY_HAND + 5,
    validate_max=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepPage:
    """`form` for one set of answers, `rows` for a list of things or people."""

    slug: str
    title: str
    form: type[DeskForm] | None = None
    rows: type[CopiedRows] | None = None
    help: str = ""


STEPS = (
    StepPage("purpose", "What it is for", PurposeForm),
    StepPage("why", "Why you need it", WhyForm),
    StepPage("who", "Who will receive it", WhoForm),
    StepPage(
        "things",
        "What you ask for",
        rows=ThingsSet,
        help="One row for each thing, with the shortest period that serves.",
    ),
    StepPage(
        "people",
        "Whose information",
        rows=PeopleByHand,
        help="Two particulars of each person are needed, such as the name and the date of birth.",
    ),
)
BY_SLUG: Mapping[str, StepPage] = {step.slug: step for step in STEPS}


def next_slug(slug: str) -> str:
    """The page after this one; the last leads to the answers as a whole."""
    slugs = [step.slug for step in STEPS]
    place = slugs.index(slug) + 1
    return slugs[place] if place < len(slugs) else "check"


class StepData:
    """One page of the request, bound or not: `change` is what it makes of the intake."""

    def __init__(
        self, step: StepPage, data: QueryDict | None, *, intake: Intake | None, now: datetime
    ) -> None:
        self.step = step
        self.form = self.rows = None
        if step.form is not None:
            initial = _initial(step.form, intake) if intake else {}
            self.form = step.form(data, initial=initial)
            if isinstance(self.form, PurposeForm):
                self.form.offer(purposes_above(now))
        else:
            assert step.rows is not None  # noqa: S101 -- a page has the one or the other
            pressed = edited_rows(data, step.slug) if data else None
            kwargs = {"now": now} if step.slug == "people" else {}
            initial_rows = _initial_rows(step.slug, intake) if intake else None
            self.rows = step.rows(pressed or data, prefix=step.slug, initial=initial_rows, form_kwargs=kwargs)
            if pressed:
                self.rows.hush()

    @property
    def part(self) -> DeskForm | CopiedRows:
        found = self.form or self.rows
        assert found is not None  # noqa: S101 -- as above
        return found

    def is_valid(self) -> bool:
        return self.part.is_valid()

    def change(self, intake: Intake) -> Intake:
        if self.form is not None:
            given = dict(self.form.cleaned_data)
            if "policy_purpose" in given:
                given["instrument"] = InstrumentInput(code=instrument_for(given["policy_purpose"]))
            return replace(intake, **given)
        assert self.rows is not None  # noqa: S101 -- as above
        rows = self.rows.filled
        if self.step.slug == "things":
            return replace(intake, items=tuple(ItemInput(**row) for row in rows))
        people = ({**row, "born_on": row["born_on"].isoformat() if row["born_on"] else ""} for row in rows)
        return replace(intake, subjects=tuple(SubjectInput(**row) for row in people))


def instrument_for(purpose: str) -> str:
    """It follows from the purpose and is never asked."""
    return "G-MKT" if PURPOSES[purpose].marketing else "G-POL"


def blank_intake(company: Organisation, user: User, now: datetime) -> Intake:
    nation = company.nation if company.nation in {"EW", "SC", "NI"} else "EW"
    return Intake(
        channel=Channel.PORTAL,
        received_at=now,
        nation=nation,
        body_id=company.pk,
        requester=OfficerInput(name=user.display_name, email=user.email),
        return_channel=ReturnChannel.PORTAL,
    )


def intake_of(opened: OpenedRequest) -> Intake:
    """A kept request, as what was typed; dates of birth stay ISO text."""
    request, instrument = opened.request, opened.instrument
    parts = {"instrument", "requester", "countersigner", "subjects", "items", *LISTS}
    own = {field.name: getattr(request, field.name) for field in fields(Intake) if field.name not in parts}
    officer = opened.officers.get("REQUESTER")
    return Intake(
        **own,
        purposes=tuple(request.purposes),
        marketing_channels=tuple(request.marketing_channels),
        instrument=InstrumentInput(
            **{field.name: getattr(instrument, field.name) for field in fields(InstrumentInput)}
        )
        if instrument
        else None,
        requester=OfficerInput(**{field.name: getattr(officer, field.name) for field in fields(OfficerInput)})
        if officer
        else OfficerInput(),
        subjects=tuple(
            SubjectInput(**{field.name: getattr(row, field.name) for field in fields(SubjectInput)})
            for row in opened.subjects
        ),
        items=tuple(
            ItemInput(**{field.name: getattr(row, field.name) for field in fields(ItemInput)})
            for row in opened.items
        ),
    )


def _initial(form: type[DeskForm], intake: Intake) -> dict[str, Any]:
    values = {name: getattr(intake, name) for name in form.base_fields}
    return {name: yes_or_no(value) if isinstance(value, bool) else value for name, value in values.items()}


def _initial_rows(slug: str, intake: Intake) -> list[dict[str, Any]]:
    if slug == "things":
        return [{field.name: getattr(row, field.name) for field in fields(ItemInput)} for row in intake.items]
    return [
        {field.name: getattr(row, field.name) for field in fields(SubjectInput)}
        | {"born_on": date.fromisoformat(row.born_on) if row.born_on else None}
        for row in intake.subjects[:TYPED_BY_HAND]
    ]


class ReasonForm(DeskForm):
    reason = forms.CharField(
        label="Your reason",
        widget=forms.Textarea({"rows": 3}),
        max_length=PARAGRAPH,
    )
