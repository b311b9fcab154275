"""The forms by which two members end a secrecy, and by which they say when to look at it again."""

from django import forms

from ..models import SecrecyEnd
from .base import DeskForm
from .fields import DayMonthYearField
from .work import LongText


class EndForm(DeskForm):
    prefix = "end"
    ground = forms.ChoiceField(
        label="On what ground it ends",
        choices=SecrecyEnd.Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "On what ground it ends: choose one. A date for looking again is none."},
    )
    cited_on = DayMonthYearField(label="Day of the answer, or of the order’s end")
    cited = LongText(
        label="What says so",
        help_text="Who answered, under which reference, in which words; or which order ended, and by what.",
    )


class TurnDownForm(DeskForm):
    prefix = "no"
    why = LongText(label="Why it is turned down", widget=forms.Textarea({"rows": 2}))


class ReviewForm(DeskForm):
    prefix = "review"
    on = DayMonthYearField(
        label="Look at it again on",
        required=False,
        help_text="The members are reminded on that day. It ends nothing by itself. Empty: no day is set.",
    )
