"""The forms by which somebody records that the person was told, or is not told."""

from django import forms

from ..models import SubjectNotice
from .base import DeskForm
from .fields import DayMonthYearField
from .work import LongText


class ToldForm(DeskForm):
    prefix = "told"
    told_on = DayMonthYearField(label="Day on which the person was told")
    manner = forms.ChoiceField(
        label="How",
        choices=SubjectNotice.Manner.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "How the person was told: choose one."},
    )
    words = LongText(
        label="What the person was told", help_text="By whom, in which words, and where the letter is kept."
    )


class NotToldForm(DeskForm):
    prefix = "not"
    why = LongText(
        label="Why the person is not told",
        help_text="What it would prejudice, or whose harm it would be; or that nothing asks for it.",
    )
    review_on = DayMonthYearField(
        label="Look at it again on",
        required=False,
        help_text="On that day it is proposed again, and nothing else happens. Empty: no day is set.",
    )
