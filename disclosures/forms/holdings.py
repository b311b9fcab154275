"""The forms of the registers: holdings between companies."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Organisation, Relationship

from .base import DeskForm
from .fields import DayMonthYearField
from .texts import Choice, Line


class HoldingForm(DeskForm):
    holder = Choice(
        label="Who holds", choices=[], empty="Choose one", required=True, help_text="The company above."
    )
    company = Choice(
        label="Whom they hold", choices=[], empty="Choose one", required=True, help_text="The company below."
    )
    test = Choice(
        label="By which test",
        choices=Relationship.Test.choices,
        empty="Choose one",
        required=True,
        help_text="Companies Act 2006. A chain is entered link by link; the register works out where it leads.",
    )
    percent = forms.DecimalField(
        label="Per cent of the votes",
        required=False,
        max_digits=5,
        decimal_places=2,
        min_value=0,
        max_value=100,
        help_text="Needed for a majority of the votes, for example 75.",
        error_messages={"invalid": "Write the per cent as a number, for example 75 or 62.5."},
    )
    evidence = Line(
        label="The document that shows it, and its date",
        required=True,
        help_text="For example: register of members, read on 3 November 2026.",
    )
    document_reference = Line(label="Where it is kept", help_text="Its number in your files.")
    valid_from = DayMonthYearField(label="First day")
    valid_until = DayMonthYearField(label="Last day", required=False, help_text="Empty while it lasts.")

    def __init__(self, data: QueryDict | None, *, companies: Sequence[Organisation]) -> None:
        super().__init__(data)
        self.by_ref = {row.ref: row for row in companies}
        offered = [("", "Choose one"), *((row.ref, row.name) for row in companies)]
        for name in ("holder", "company"):
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """The cleaned data, as `record_relationship` takes them."""
        given = dict(self.cleaned_data)
        holder, company = self.by_ref[given.pop("holder")], self.by_ref[given.pop("company")]
        return {**given, "holder_id": holder.pk, "organisation_id": company.pk}


class EndForm(DeskForm):
    """`where` names the line to the reader of the problems."""

    last_day = DayMonthYearField(label="Last day on which it held")

    def __init__(self, data: QueryDict | None, *, key: int, where: str) -> None:
        super().__init__(data, prefix=f"end-{key}")
        self.key, self.where = key, where
