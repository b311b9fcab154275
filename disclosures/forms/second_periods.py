"""The form of what the second periods of an instrument hang on."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from .base import DeskForm
from .fields import DayMonthYearField
from .work import LongText


class PeriodForm(DeskForm):
    """`offered`: what can be recorded of this instrument, as (code, words)."""

    what = forms.ChoiceField(label="What is to be recorded", widget=forms.RadioSelect)
    on = DayMonthYearField(
        label="The day it happened",
        required=False,
        help_text="Of a notification the day on which the constable was told: the seven days begin with it. Not needed for what the order says.",
    )
    note = LongText(
        label="Where it says so, or how it was done",
        help_text="The paragraph of the order; or who told whom, by what way, and what it was about. It is sealed.",
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, data: QueryDict | None, *, offered: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["what"].choices = list(offered)  # type: ignore[attr-defined]
