"""The forms by which somebody is named to a standing compartment, and gets another end there."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django import forms
from django.http import QueryDict

from accounts.models import User
from accounts.roles import Role

from ..deadlines.calendars import end_of
from ..models import CellMember
from .base import DeskForm
from .fields import DayMonthYearField
from .people import MemberForm
from .work import LongText


class CellMemberForm(MemberForm):
    cell = forms.ChoiceField(
        label="Which of them",
        widget=forms.RadioSelect,
        error_messages={"required": "Which of them: choose one."},
    )
    field_order = ("cell", "member", "reason", "first_day", "last_day")

    def __init__(
        self,
        data: QueryDict | None,
        *,
        cells: Sequence[CellMember.Cell],
        staff: Iterable[tuple[User, Role]],
    ) -> None:
        super().__init__(data, staff=staff)
        self.fields["cell"].choices = [(cell.value, cell.label) for cell in cells]  # type: ignore[attr-defined]
        self.fields["reason"].label = "Why they need to know of every such case"
        self.fields["last_day"].label = "Last day"
        self.fields["last_day"].required = True


class CellTimeForm(DeskForm):
    """Another end for somebody who stands in it."""

    prefix = "time"
    member = forms.ChoiceField(
        label="Whose time is changed", error_messages={"required": "Whose time is changed: choose a member."}
    )
    last_day = DayMonthYearField(label="New last day", help_text="That day still counts.")
    reason = LongText(label="Why the time is changed", widget=forms.Textarea({"rows": 2}))

    def __init__(self, data: QueryDict | None, *, members: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        choices = [("", "Choose a member"), *members]
        self.fields["member"].choices = choices  # type: ignore[attr-defined]

    @property
    def until(self) -> datetime:
        return end_of(self.cleaned_data["last_day"])
