"""A data holder's answer to one pair of a search task."""

from typing import Any

from django import forms
from django.http import QueryDict

from ..models import SearchRecord
from .base import DeskForm
from .fields import DayMonthYearField
from .work import LongText

Result = SearchRecord.Result


class FindForm(DeskForm):
    """The cleaned data are what `searching.Find` takes. `where` names the pair in every sentence."""

    result = forms.ChoiceField(
        label="Result",
        choices=[(Result.FOUND, "Something was found"), (Result.NOT_HELD, "Nothing is held")],
        widget=forms.RadioSelect,
    )
    terms = LongText(
        label="Terms searched for",
        help_text="The number, name or reference you typed in, for example: account number; then name and date of birth.",
        widget=forms.Textarea({"rows": 2}),
    )
    period_from = DayMonthYearField(label="Searched from", required=False)
    period_to = DayMonthYearField(label="Searched to", required=False)
    found = LongText(
        label="What was found",
        required=False,
        help_text="Needed if something was found: what was asked for, and nothing else.",
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, data: QueryDict | None, *, where: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.where = where
        for name, sentence in (
            ("result", "give the result, found or not held."),
            ("terms", "write down the terms searched for."),
        ):
            self.fields[name].error_messages["required"] = f"{where}: {sentence}"

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("result") == Result.NOT_HELD and given.get("found"):
            sentence = "nothing is held, you say, yet you wrote down what was found. Change one of the two."
            self.add_error("found", f"{self.where}: {sentence}")
        elif given.get("result") == Result.FOUND and not given.get("found"):
            self.add_error("found", f"{self.where}: write down what was found.")
        first, last = given.get("period_from"), given.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", f"{self.where}: “Searched to” must not lie before “Searched from”.")
        return given
