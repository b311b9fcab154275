"""The forms of the register of preferences: whose, what was said, and looking somebody up."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.timezone import localdate

from accounts.models import Organisation
from privacy.models import Preference
from privacy.reading import first_instant, instant_of
from privacy.services import PreferenceInput

from .fields import DayMonthYearField
from .texts import Choice, CopiedForm, Line


class PersonFields(CopiedForm):
    """Who it is. One of them is enough; a name counts together with the date of birth."""

    account_number = Line(label="Account number")
    email = Line(label="E-mail address")
    phone = Line(label="Telephone")
    name = Line(label="Name")
    born_on = DayMonthYearField(label="Date of birth", required=False, full_year=True)

    def marks(self) -> dict[str, str]:
        given = self.cleaned_data
        born: date | None = given["born_on"]
        plain = {name: given[name] for name in ("account_number", "email", "phone", "name")}
        return plain | {"born_on": born.isoformat() if born else ""}


class LookUpForm(PersonFields):
    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data, prefix="who")


class PreferenceForm(PersonFields):
    """`record_id` and `drawn_at` come with the page: sent twice it is recorded once."""

    field_order = ("kind", "channel", "company", "said_on", "source", "wording")
    record_id = forms.CharField(widget=forms.HiddenInput, max_length=60)
    drawn_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    kind = Choice(label="What was said", choices=Preference.Kind.choices, empty="Choose one", required=True)
    channel = Choice(label="About which channel", choices=Preference.Channel.choices, empty="All of them")
    company = Choice(label="About which company", choices=[], empty="Every company")
    said_on = DayMonthYearField(label="The day it was said, or screened")
    source = Choice(
        label="How it reached us", choices=Preference.Source.choices, empty="Choose one", required=True
    )
    wording = Line(label="Version of the words shown", max_length=40)

    def __init__(
        self, data: QueryDict | None, *, companies: Sequence[Organisation], now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.now = now
        self.fields["company"].choices = [("", "Every company"), *((row.code, row.name) for row in companies)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("said_on") and given["said_on"] > localdate(self.now):
            self.add_error("said_on", "That day lies in the future.")
        return given

    def given(self) -> PreferenceInput:
        """What was said today was said when the page was opened: later than whatever was said this morning."""
        given = self.cleaned_data
        said_at = first_instant(given["said_on"])
        if given["said_on"] == localdate(self.now):
            said_at = max(said_at, min(instant_of(given["drawn_at"]) or self.now, self.now))
        names = ("record_id", "kind", "channel", "company", "source", "wording")
        plain: dict[str, Any] = {**{name: given[name] for name in names}, **self.marks()}
        return PreferenceInput(**plain, said_at=said_at)
