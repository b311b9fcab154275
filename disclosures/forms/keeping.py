"""Forms of keeping and destroying."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict

from ..models import Disposal, LegalHold
from .base import DeskForm
from .fields import DayMonthYearField
from .work import LongText

Choices = Iterable[tuple[str, str]]
CHOOSE = ("", "Choose one")


class PlaceHoldForm(DeskForm):
    """The cleaned data are what `keeping.place_hold` takes."""

    ground = forms.ChoiceField(
        label="Why it is held",
        choices=[
            CHOOSE,
            *((g.value, g.label) for g in LegalHold.Ground if g is not LegalHold.Ground.SECRECY),
        ],
    )
    reason = LongText(
        label="Which order, proceedings or letter",
        help_text="With its date and reference. For example: Letter before claim of 3 March, our file 12.",
        widget=forms.Textarea({"rows": 3}),
    )
    review_on = DayMonthYearField(
        label="Day to look again",
        help_text="It lifts nothing: somebody looks whether the hold is still needed.",
    )

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data, prefix="place")


class LiftHoldForm(DeskForm):
    hold = forms.ChoiceField(label="Which hold", choices=[CHOOSE])
    reason = LongText(
        label="What ended it",
        help_text="For example: the court’s letter of 2 June; the claim was settled.",
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, data: QueryDict | None, *, holds: Choices) -> None:
        super().__init__(data, prefix="lift")
        self.fields["hold"].choices = [CHOOSE, *holds]  # type: ignore[attr-defined]


class RelationshipForm(DeskForm):
    """The cleaned data are what `keeping.record_end_of_relationship` takes."""

    ended_on = DayMonthYearField(
        label="Day on which the business relationship ended", help_text="The five years count from it."
    )

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data, prefix="relationship")


class EarlyDisposalForm(DeskForm):
    """One person or the whole, before its time and for a ground. A second person confirms it."""

    whom = forms.ChoiceField(label="What is destroyed", choices=[CHOOSE])
    ground = forms.ChoiceField(
        label="Ground",
        choices=[
            CHOOSE,
            *((g.value, g.label) for g in Disposal.Ground if g is not Disposal.Ground.RETENTION),
        ],
    )
    reason = LongText(
        label="Why",
        help_text="What was asked, by whom, and when. Name nobody.",
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, data: QueryDict | None, *, people: Iterable[int]) -> None:
        super().__init__(data, prefix="early")
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            CHOOSE,
            ("whole", "The request as a whole"),
            *((str(position), f"Person {position}") for position in people),
        ]


class DueForm(DeskForm):
    """Which of the requests shown are to be destroyed."""

    chosen = forms.MultipleChoiceField(
        label="Requests",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one request."},
    )

    def __init__(self, data: QueryDict | None, *, references: Iterable[str]) -> None:
        super().__init__(data)
        self.fields["chosen"].choices = [(reference, reference) for reference in references]  # type: ignore[attr-defined]
