"""The forms of what is settled or spent beside the decision."""

from decimal import Decimal
from typing import Any

from django import forms

from .base import DeskForm
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
