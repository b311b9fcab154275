"""A system of the register."""

from django import forms

from ..catalogue import ITEM_TYPES
from .base import DeskForm


class SystemForm(DeskForm):
    name = forms.CharField(label="Name of the system", max_length=120)
    keeper = forms.CharField(
        label="Who looks into it", max_length=120, required=False, help_text="The team, for example: Billing."
    )
    holds = forms.MultipleChoiceField(
        label="What it holds",
        choices=[(code, kind.name) for code, kind in sorted(ITEM_TYPES.items(), key=lambda row: row[1].name)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Choose from the kinds of item shown."},
    )
    is_active = forms.BooleanField(
        label="It is in use",
        required=False,
        initial=True,
        help_text="One that is not in use is asked for nothing any more; what it answered stays.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0)


class NewSystemForm(SystemForm):
    code = forms.SlugField(
        label="Short code",
        max_length=40,
        help_text="Lower-case letters, digits and hyphens. It stands in the log and never changes.",
        error_messages={"invalid": "Use lower-case letters, digits and hyphens only."},
    )
    field_order = ("name", "code", "keeper", "holds", "is_active", "seen")

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if code != code.lower() or code == "new":
            raise forms.ValidationError("Use lower-case letters, digits and hyphens only; “new” is taken.")
        return code
