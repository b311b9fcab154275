"""The forms that say who works on a request, who is kept out, and who alone may know."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django import forms
from django.http import QueryDict

from accounts.models import User
from accounts.roles import Role

from ..deadlines.calendars import end_of, start_of
from .base import DeskForm
from .fields import DayMonthYearField
from .work import LongText


class AssignForm(DeskForm):
    assignee = forms.ChoiceField(label="Who has it", required=False)

    def __init__(self, data: QueryDict | None, *, people: Sequence[User], held_by: str) -> None:
        super().__init__(data, initial={"assignee": held_by})
        self.people = {user.ref: user for user in people}
        choices = [("", "Nobody"), *((ref, user.display_name) for ref, user in self.people.items())]
        self.fields["assignee"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User | None:
        return self.people.get(self.cleaned_data["assignee"])


class ExcludeForm(DeskForm):
    person = forms.ChoiceField(
        label="Who is to be kept out", error_messages={"required": "Choose the person who is to be kept out."}
    )
    reason = LongText(
        label="What the conflict of interest is",
        help_text="For example: the person named in the request is a relation of theirs.",
    )

    def __init__(self, data: QueryDict | None, *, people: Sequence[User]) -> None:
        super().__init__(data)
        self.people = {user.ref: user for user in people}
        choices = [("", "Choose a person"), *((ref, user.display_name) for ref, user in self.people.items())]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["person"]]


class RestrictForm(DeskForm):
    members = forms.MultipleChoiceField(
        label="Other members",
        widget=forms.CheckboxSelectMultiple,
        help_text="Who else may know of it, and as what. You are a member yourself. Name at least one more, and everybody whose part the work will need.",
        error_messages={"required": "Other members: name at least one."},
    )
    reason = LongText(
        label="Why it is restricted",
        help_text="The order, the secrecy duty or the risk that forbids telling.",
    )

    def __init__(self, data: QueryDict | None, *, staff: Iterable[tuple[User, Role]]) -> None:
        super().__init__(data)
        self.staff = {f"{user.ref}:{role}": (user, str(role)) for user, role in staff}
        groups: dict[str, list[tuple[str, str]]] = {}
        for value, (user, role) in self.staff.items():
            groups.setdefault(Role(role).label, []).append((value, user.display_name))
        self.fields["members"].choices = list(groups.items())  # type: ignore[attr-defined]

    def clean_members(self) -> dict[User, str]:
        named: dict[User, str] = {}
        for user, role in (self.staff[value] for value in self.cleaned_data["members"]):
            if user in named:
                raise forms.ValidationError(f"Choose one role for {user.display_name}.")
            named[user] = role
        return named


class MemberForm(DeskForm):
    """One more person to be let in, as what, why and until when."""

    member = forms.ChoiceField(
        label="Who needs to know, and as what",
        help_text="Only people who hold that role today.",
        error_messages={"required": "Choose a person."},
    )
    reason = LongText(
        label="Why they need to know",
        help_text="What their part in the work is.",
        widget=forms.Textarea({"rows": 2}),
    )
    first_day = DayMonthYearField(
        label="First day, if it is not today", required=False, help_text="Until then they know nothing of it."
    )
    last_day = DayMonthYearField(
        label="Last day, if it is to end by itself", required=False, help_text="That day still counts."
    )

    def __init__(self, data: QueryDict | None, *, staff: Iterable[tuple[User, Role]]) -> None:
        super().__init__(data)
        self.staff = {f"{user.ref}:{role}": (user, str(role)) for user, role in staff}
        choices = [
            (value, f"{user.display_name}, {Role(role).label.lower()}")
            for value, (user, role) in self.staff.items()
        ]
        self.fields["member"].choices = [("", "Choose a person"), *choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> tuple[User, str]:
        return self.staff[self.cleaned_data["member"]]

    @property
    def begins(self) -> datetime | None:
        first = self.cleaned_data["first_day"]
        return start_of(first) if first else None

    @property
    def until(self) -> datetime | None:
        """The first instant after the last day, in London."""
        last = self.cleaned_data["last_day"]
        return end_of(last) if last else None


class MemberTimeForm(DeskForm):
    """Another end for somebody who is a member."""

    prefix = "time"
    member = forms.ChoiceField(
        label="Whose time is changed", error_messages={"required": "Whose time is changed: choose a member."}
    )
    last_day = DayMonthYearField(
        label="New last day", required=False, help_text="That day still counts. Empty: no end is set."
    )
    reason = LongText(label="Why the time is changed", widget=forms.Textarea({"rows": 2}))

    def __init__(self, data: QueryDict | None, *, members: Iterable[tuple[int, str]]) -> None:
        super().__init__(data)
        choices = [("", "Choose a member"), *((str(pk), words) for pk, words in members)]
        self.fields["member"].choices = choices  # type: ignore[attr-defined]

    @property
    def until(self) -> datetime | None:
        last = self.cleaned_data["last_day"]
        return end_of(last) if last else None


class OpenForm(DeskForm):
    ground = LongText(
        label="Why nothing forbids telling of this request",
        help_text="What the form says, and what you checked.",
    )
