"""The forms of the bank holidays."""

from django import forms

from ..models import BankHoliday
from .base import DeskForm
from .fields import DayMonthYearField

WHY_HELP = "Where it is proclaimed, or who decided it. It stands in the log; nothing personal."


class DayOffForm(DeskForm):
    division = forms.ChoiceField(
        label="Where",
        choices=BankHoliday.Division.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the part of the United Kingdom."},
        help_text="A closure of the company's own counts for its own days only, never for a date that the law sets.",
    )
    day = DayMonthYearField(label="Which day", full_year=True)
    title = forms.CharField(label="Its name", max_length=120, help_text="For example: State funeral.")
    reason = forms.CharField(label="Why", max_length=200, help_text=WHY_HELP)


class StrikeOutForm(DeskForm):
    reason = forms.CharField(label="Why it does not count", max_length=200, help_text=WHY_HELP)
