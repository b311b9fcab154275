"""The filters above the list of all requests; they live in the address."""

from django import forms

from accounts.models import Organisation

from ..models.request import Urgency
from ..states import STATE_WORDS
from .base import DeskForm


class FilterForm(DeskForm):
    """A choice that is none of these is no filter."""

    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any state"), *((state.value, words) for state, words in STATE_WORDS.items())],
    )
    urgency = forms.ChoiceField(
        label="Urgency", required=False, choices=[("", "Any urgency"), *Urgency.choices]
    )
    overdue = forms.BooleanField(label="Overdue only", required=False)

    @property
    def filters(self) -> dict[str, str | bool]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class OrganisationFilter(DeskForm):
    kind = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "Any kind"), *Organisation.Kind.choices]
    )
    typed = forms.CharField(label="Name", required=False, max_length=160)

    @property
    def filters(self) -> dict[str, str]:
        """What is no filter counts as none."""
        self.is_valid()
        return {name: str(self.cleaned_data.get(name, "")) for name in self.fields}
