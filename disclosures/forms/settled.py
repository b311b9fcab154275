"""The forms of what is settled or spent beside the decision."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from ..models import SchemePermission
from .base import DeskForm
from .fields import DayMonthYearField
from .work import LongText, YesNo


class AddresseeForm(DeskForm):
    ours = YesNo(
        label="Is it meant for this company?",
        yes="Yes, it is meant for us",
        no="No, for somebody else",
        help_text="Ask the court or the issuer if in doubt. A slip of the pen in our name does not free us.",
    )
    reason = LongText(
        label="How you came to it",
        help_text="What you compared, and whom you asked.",
        widget=forms.Textarea({"rows": 3}),
    )


class SchemeForm(DeskForm):
    """`items`: those that came from a scheme, as (position, words)."""

    position = forms.TypedChoiceField(label="Which item", coerce=int)
    allowed = YesNo(
        label="May it be passed on?",
        yes="Yes, it may",
        no="No, it may not",
        help_text="The latest answer counts, so a “no” takes back an earlier “yes”.",
    )
    ground = forms.ChoiceField(
        label="On what that rests",
        choices=SchemePermission.Ground.choices,
        widget=forms.RadioSelect,
        help_text="An order or a notice binds us whatever the rules of a scheme say. Nothing else does.",
    )
    scheme = forms.CharField(
        label="The scheme",
        max_length=200,
        help_text="Whose it is, for example the fraud prevention body’s national database.",
    )
    rule = LongText(
        label="The rule or reference",
        help_text="The number of the rule, or the reference of the scheme’s letter. For an order: the order’s own words.",
        widget=forms.Textarea({"rows": 2}),
    )
    checker = forms.CharField(
        label="Who checked it, and with whom",
        max_length=200,
        help_text="For example: our head of legal, with the scheme’s compliance desk.",
    )
    checked_on = DayMonthYearField(label="The day it was checked")
    until = DayMonthYearField(
        label="Until when it holds",
        required=False,
        help_text="The last day, if the scheme set one. After it nothing goes out under this answer.",
    )

    def __init__(self, data: QueryDict | None, *, items: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["position"].choices = [("", "Choose one"), *items]  # type: ignore[attr-defined]


class CostForm(DeskForm):
    hours = forms.DecimalField(
        label="Hours",
        required=False,
        max_digits=6,
        decimal_places=2,
        min_value=Decimal(-1000),
        max_value=Decimal(1000),
        help_text="For example 1.5. With a minus, it takes back what was recorded by mistake.",
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": "“Hours” must be a number such as 1.5."},
    )
    fee = forms.DecimalField(
        label="Fee in pounds",
        required=False,
        max_digits=9,
        decimal_places=2,
        min_value=Decimal(-1_000_000),
        max_value=Decimal(1_000_000),
        help_text="What is asked of the requester, for example 25.00. Leave it empty if there is none.",
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": "“Fee in pounds” must be a number such as 25.00."},
    )
    note = LongText(label="What for", widget=forms.Textarea({"rows": 2}))

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        return given | {name: given.get(name) or Decimal(0) for name in ("hours", "fee")}
