"""The forms of a credit check: the registers behind it, and the application of one person."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from privacy.models import CreditAgency, TermsVersion

from .base import DeskForm
from .fields import DayMonthYearField
from .texts import Choice, Line


class AgencyForm(DeskForm):
    name = Line(label="Name of the agency", required=True, max_length=160)
    firm_number = Line(
        label="Firm reference number",
        required=True,
        max_length=7,
        help_text="Six or seven digits, from the Financial Services Register.",
    )
    permission = Line(
        label="Its permission, as the register words it",
        required=True,
        max_length=160,
        help_text="For example: providing credit references.",
    )
    looked_up_on = DayMonthYearField(label="The day you looked it up")


class TermsForm(DeskForm):
    name = Line(label="Name of the version", required=True, max_length=80)
    effective_from = DayMonthYearField(label="First day")
    clause = Line(
        label="Where the clause on credit checks stands",
        max_length=120,
        help_text="Empty if these terms hold none.",
    )


class LastDayForm(DeskForm):
    """`where` names the version to the reader of the problems."""

    last_day = DayMonthYearField(label="Last day of these terms")

    def __init__(self, data: QueryDict | None, *, key: int, where: str) -> None:
        super().__init__(data, prefix=f"end-{key}")
        self.key, self.where = key, where


class ApplicationForm(DeskForm):
    position = forms.TypedChoiceField(label="Who applied", coerce=int)
    reference = Line(label="Reference of the application", required=True)
    applied_on = DayMonthYearField(label="The day of the application")
    terms_ref = Choice(label="Terms of that day", choices=[], required=True)
    agency_ref = Choice(label="Agency that is to be asked", choices=[], required=True)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        people: Sequence[tuple[int, str]],
        terms: Sequence[TermsVersion],
        agencies: Sequence[CreditAgency],
    ) -> None:
        super().__init__(data)
        offered: dict[str, list[Any]] = {
            "position": [(str(position), name) for position, name in people],
            "terms_ref": [(row.ref, row.name) for row in terms],
            "agency_ref": [(row.ref, row.name) for row in agencies],
        }
        for name, choices in offered.items():
            self.fields[name].choices = [("", "Choose one"), *choices]  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = "Choose one of those shown."
