"""The forms that move a clock by hand."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from ..guards.deadlines import ConsentLaw
from .base import DeskForm
from .fields import DayMonthYearField
from .work import LongText

WHY = "It is sealed and stands in the history."


class ActForm(DeskForm):
    """One of several on a page: `act` says which was sent."""

    act = ""

    def __init__(self, data: QueryDict | None, **kwargs: Any) -> None:
        mine = data if data is not None and data.get("do") == self.act else None
        super().__init__(mine, prefix=self.act, **kwargs)


class ExtendForm(ActForm):
    act = "extend"
    purpose = forms.ChoiceField(label="Which clock")
    until = DayMonthYearField(label="New date")
    letter_reference = forms.CharField(
        label="Reference of the issuer’s letter",
        required=False,
        max_length=120,
        help_text="Needed for every date that an instrument or the law sets: only its issuer moves it.",
    )
    letter_on = DayMonthYearField(label="Day of the letter", required=False)
    reason = LongText(label="Why the date moves", help_text=WHY, widget=forms.Textarea({"rows": 2}))

    def __init__(self, data: QueryDict | None, *, clocks: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["purpose"].choices = clocks  # type: ignore[attr-defined]


class WorkingDateForm(ActForm):
    act = "working"
    on = DayMonthYearField(label="Our working date")
    reason = LongText(label="Why this day is reasonable", help_text=WHY, widget=forms.Textarea({"rows": 2}))


class UndoForm(ActForm):
    act = "undo"
    extension = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = LongText(label="Why it is taken back", help_text=WHY, widget=forms.Textarea({"rows": 2}))


class ConsentForm(ActForm):
    on = DayMonthYearField(label="Day")


class AskedForm(ConsentForm):
    act = "asked"


class GivenForm(ConsentForm):
    act = "given"


class RefusedForm(ConsentForm):
    act = "refused"
    law = forms.ChoiceField(
        label="Under which law consent was asked for",
        choices=[
            (ConsentLaw.POCA, "Proceeds of Crime Act 2002, section 335: a moratorium follows"),
            (ConsentLaw.TACT, "Terrorism Act 2000, section 21ZA: there is no moratorium"),
        ],
        widget=forms.RadioSelect,
    )
