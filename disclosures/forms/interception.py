"""The form by which somebody is cleared for interception."""

from collections.abc import Sequence
from datetime import datetime

from django import forms
from django.http import QueryDict

from accounts.models import User

from ..deadlines.calendars import end_of, start_of
from .base import DeskForm
from .fields import DayMonthYearField
from .texts import PARAGRAPH
from .work import LongText


class ClearForInterceptionForm(DeskForm):
    person = forms.ChoiceField(
        label="Who is cleared",
        error_messages={
            "required": "Choose who is cleared.",
            "invalid_choice": "Choose one of the people shown.",
        },
    )
    vetting = LongText(
        label="The vetting it rests on",
        max_length=PARAGRAPH,
        widget=forms.Textarea({"rows": 2}),
        help_text="Its level, date and reference, as in your files. Name no warrant and no case.",
    )
    first_day = DayMonthYearField(label="First day, if it is not today", required=False)
    last_day = DayMonthYearField(
        label="Last day",
        help_text="That day still counts. Two years from today at most; then look at the vetting again.",
    )

    def __init__(self, data: QueryDict | None, *, people: Sequence[User]) -> None:
        super().__init__(data)
        self.people = {user.ref: user for user in people}
        choices = [("", "Choose a person"), *((ref, user.display_name) for ref, user in self.people.items())]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["person"]]

    @property
    def begins(self) -> datetime | None:
        first = self.cleaned_data["first_day"]
        return start_of(first) if first else None

    @property
    def until(self) -> datetime:
        """The first instant after the last day, in London."""
        return end_of(self.cleaned_data["last_day"])
