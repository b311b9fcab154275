"""The people and the items of an intake form: rows that may be empty, added and taken away."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.timezone import localdate

from ..catalogue import ITEM_TYPES, Comms
from ..models import Subject
from .base import DeskFormSet
from .fields import DayMonthYearField
from .texts import PARAGRAPH, Choice, CopiedForm, Line, Paragraphs

MOST_PEOPLE = 25
MOST_ITEMS = 20
ITEM_CHOICES = [
    ("What a Schedule 2 form can ask for", [(i.code, i.name) for i in ITEM_TYPES.values() if i.comms is Comms.NOT_COMMS]),
    ("Communications data: triage sends it the other way", [(i.code, i.name) for i in ITEM_TYPES.values() if i.comms is not Comms.NOT_COMMS]),
]  # fmt: skip


class SubjectForm(CopiedForm):
    """One person whose data is asked for."""

    css = {"account_number": "field-short", "phone": "field-short"}
    needed_before = {"review": ("status",)}
    name = Line(label="Name")
    status = Choice(label="What they are in the investigation", choices=Subject.Status.choices)
    born_on = DayMonthYearField(label="Date of birth", full_year=True, required=False)
    account_number = Line(label="Account or customer number")
    address = Paragraphs(label="Address or addresses", rows=2, max_length=PARAGRAPH)
    phone = Line(label="Telephone number")
    email = Line(label="E-mail address")
    aliases = Line(label="Other names used")
    own_reference = Line(label="Their own reference for this person")
    type = forms.ChoiceField(
        label="Who it is about", choices=Subject.Type.choices, initial=Subject.Type.INDIVIDUAL
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = localdate(now)

    def clean_born_on(self) -> date | None:
        born: date | None = self.cleaned_data["born_on"]
        if born and born > self.today:
            raise forms.ValidationError("The date of birth lies in the future. Copy it from the form.")
        return born


class ItemForm(CopiedForm):
    """One thing that is asked for, over a period."""

    needed_before = {"review": ("period_from", "period_to")}
    item_type = Choice(
        label="What is asked for",
        choices=ITEM_CHOICES,
        empty="Choose one",
        required=True,
        error_messages={"required": "Choose what is asked for, or clear the row."},
    )
    detail = Paragraphs(label="In the form’s words", rows=2, max_length=PARAGRAPH)
    period_from = DayMonthYearField(label="From", required=False)
    period_to = DayMonthYearField(label="To", required=False)

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("period_from"), self.cleaned_data.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", "The period ends before it begins. Check both days.")
        return self.cleaned_data


class CopiedRows(DeskFormSet):
    """Rows of which every empty one is left out, wherever it stands."""

    default_error_messages = {
        **DeskFormSet.default_error_messages,
        "missing_management_form": "The rows of the form did not arrive. Please type them again.",
    }

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "empty_permitted": True}

    @property
    def filled(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if form.has_changed()]


class People(CopiedRows):
    word = "person"
    default_error_messages = {
        **CopiedRows.default_error_messages,
        "too_many_forms": f"One request names at most {MOST_PEOPLE} people. Record another request for the rest.",
    }


class Things(CopiedRows):
    word = "item"
    default_error_messages = {
        **CopiedRows.default_error_messages,
        "too_many_forms": f"One request names at most {MOST_ITEMS} items. Record another request for the rest.",
    }


PeopleSet: type[People] = forms.formset_factory(  # type: ignore[assignment]
    SubjectForm,
    formset=People,
    extra=0,
    min_num=1,
    max_num=MOST_PEOPLE,
    absolute_max=MOST_PEOPLE + 5,
    validate_max=True,
)
ItemSet: type[Things] = forms.formset_factory(  # type: ignore[assignment]
    ItemForm,
    formset=Things,
    extra=0,
    min_num=1,
    max_num=MOST_ITEMS,
    absolute_max=MOST_ITEMS + 5,
    validate_max=True,
)
