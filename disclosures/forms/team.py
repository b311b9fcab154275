"""Leave and guests."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import User

from .base import DeskForm
from .fields import DayMonthYearField


class _PersonForm(DeskForm):
    """Offers people by their reference; `chosen` is the person."""

    def __init__(self, data: QueryDict | None, **people: Sequence[User]) -> None:
        """`people`: for each such field, who is offered."""
        super().__init__(data)
        self.people = {user.ref: user for offered in people.values() for user in offered}
        for name, offered in people.items():
            field = self.fields[name]
            field.choices = [*field.choices, *((user.ref, user.display_name) for user in offered)]  # type: ignore[attr-defined]
            field.error_messages["invalid_choice"] = "Choose one of the people shown."

    def person(self, name: str) -> User | None:
        return self.people.get(self.cleaned_data[name])


class AbsenceForm(_PersonForm):
    who = forms.ChoiceField(label="Who is away", choices=[("", "Choose one")])
    first_day = DayMonthYearField(label="First day away")
    last_day = DayMonthYearField(label="Last day away")
    cover = forms.ChoiceField(
        label="Who covers",
        choices=[("", "Nobody")],
        required=False,
        help_text="Sees what the person has, and gets their notices. It gives no role: add a guest approver for that.",
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day lies before the first. Check both.")
        return given


class GuestForm(_PersonForm):
    guest = forms.ChoiceField(label="Who approves for a while", choices=[("", "Choose one")])
    until = DayMonthYearField(label="Until, that day included", help_text="Three months at the most.")
