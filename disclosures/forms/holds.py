"""Holds: what a data holder says of one, and a new last day from the body that asked."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from ..models import HoldLine
from .base import DeskForm
from .fields import DayMonthYearField
from .work import LongText

Result = HoldLine.Result


class KeptForm(DeskForm):
    """The cleaned data are what `holding.Kept` takes. After its end a hold may also not have been set at all.

    `lines`: of each its name in the form, which is its place, its row and its words.
    """

    result = forms.ChoiceField(
        label="What was done",
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is kept or nothing is held."},
    )
    not_held = forms.MultipleChoiceField(
        label="Nothing is held of these lines",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick only what you do not hold; the rest counts as kept.",
    )
    kept_on = DayMonthYearField(
        label="Kept since",
        required=False,
        help_text="Needed if it is kept: the day on which the hold was set.",
    )
    how = LongText(
        label="How it is kept",
        required=False,
        help_text="Needed if it is kept. For example: deletion switched off for the account; recording copied to the locked store.",
        widget=forms.Textarea({"rows": 2}),
    )
    note = LongText(
        label="Note to the desk",
        required=False,
        help_text="Only if the desk must know more. Do not copy what you hold.",
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, data: QueryDict | None, *, lines: Sequence[tuple[str, int, str]], ended: bool) -> None:
        super().__init__(data)
        self.rows = {name: row for name, row, _ in lines}
        answers = [(Result.KEPT, "It is kept"), (Result.NOT_HELD, "Nothing is held")]
        if ended:
            answers.append((Result.NOT_KEPT, "It was not kept: the hold had ended before"))
        self.fields["result"].choices = answers  # type: ignore[attr-defined]
        self.fields["not_held"].choices = [(name, words) for name, _, words in lines]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("result") == Result.KEPT:
            if not given.get("how"):
                self.add_error("how", "Say how it is kept.")
            if not given.get("kept_on") and "kept_on" not in self.errors:
                self.add_error("kept_on", "Say since which day it is kept.")
        given["not_held"] = frozenset(self.rows[name] for name in given.get("not_held") or ())
        return given


class MoveEndForm(DeskForm):
    """The cleaned data are what `holding.move_end` takes."""

    until = DayMonthYearField(
        label="New last day", help_text="The day until which the body now asks to have it kept."
    )
    letter_on = DayMonthYearField(label="Date of its letter or mail")
    words = LongText(
        label="What it says",
        help_text="With its reference. It is put into the correspondence.",
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data, prefix="move")
