"""The forms of what is settled or spent beside the decision."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from ..models import AgencyNotice, SchemePermission
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


class AgencyForm(DeskForm):
    what = forms.ChoiceField(
        label="What the agency was told", choices=AgencyNotice.What.choices, widget=forms.RadioSelect
    )
    on = DayMonthYearField(label="The day it was told")
    reference = forms.CharField(
        label="Its reference", max_length=120, help_text="As the agency’s receipt has it."
    )
    by_whom = forms.CharField(
        label="Who told it",
        max_length=200,
        help_text="For example: our nominated officer, through the agency’s portal.",
    )
    report_by = DayMonthYearField(
        label="By when the agency wants the joint report",
        required=False,
        help_text="Only if it set a period with the request. Otherwise the law gives 84 days from the notification.",
    )


class InterestReviewForm(DeskForm):
    stands = YesNo(
        label="Does the weighing still stand?",
        yes="Yes, it stands",
        no="No, it does not",
        help_text="If it does not, nothing more is given that rests on it. Tell the company what that means for what it has.",
    )
    note = LongText(
        label="What has changed since",
        help_text="The interest, the people, what they expect, the safeguards; or that nothing has, and how you know.",
        widget=forms.Textarea({"rows": 3}),
    )
    next_on = DayMonthYearField(
        label="When it is to be looked at again",
        required=False,
        help_text="A day to come, if it stands. Leave it empty if it does not.",
    )


class PartnerForm(DeskForm):
    """`partners`: those of the register, as (code, name)."""

    partner = forms.ChoiceField(label="Which partner")
    given = YesNo(
        label="May it approach these people directly?",
        yes="Yes, we consent",
        no="No, or no more",
        help_text="The latest word counts. Each person’s own consent, which names the partner, is looked up besides.",
    )
    given_on = DayMonthYearField(label="Since which day")
    until = DayMonthYearField(
        label="Until when it holds", required=False, help_text="The last day, if there is one."
    )
    reference = forms.CharField(
        label="Where it stands", max_length=120, help_text="The contract or the letter, with its number."
    )

    def __init__(self, data: QueryDict | None, *, partners: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["partner"].choices = [("", "Choose one"), *partners]  # type: ignore[attr-defined]


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
