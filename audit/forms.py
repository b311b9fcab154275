"""The filters of the log's page."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from . import registry
from .entries import SYSTEM
from .hooks import people

DATE_FORMS = ["%d %m %Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y"]


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=DATE_FORMS,
        widget=forms.TextInput({"inputmode": "text", "autocomplete": "off", "size": 12}),
        error_messages={"invalid": f"{label} must be a real date: day, month and year, such as 24 11 2026."},
    )


class LogFilter(forms.Form):
    event = forms.ChoiceField(label="What", required=False)
    who = forms.CharField(label="Who", required=False, max_length=120)
    about = forms.CharField(label="About", required=False, max_length=64)
    since = _day("From")
    until = _day("To")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = sorted((spec.words, name) for name, spec in registry.all_events().items())
        event = self.fields["event"]
        assert isinstance(event, forms.ChoiceField)  # noqa: S101 -- declared above
        event.choices = [("", "Everything"), *((name, text) for text, name in words)]

    def clean_who(self) -> str:
        """The one reference that is meant."""
        typed: str = self.cleaned_data["who"].strip()
        if typed in {"", SYSTEM.ref}:
            return typed
        found = people().find(typed)
        if not found:
            raise ValidationError("Nobody here goes by that name. Type it as the list shows it.")
        if len(found) > 1:
            named = "; ".join(f"{name} is {ref}" for ref, name in found.items())
            raise ValidationError(f"That may be several people. Type the reference instead: {named}.")
        return next(iter(found))

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", "To must not be before From.")
        return self.cleaned_data

    @property
    def filters(self) -> dict[str, Any]:
        """For `selectors.filtered`; days are London's, the last one included."""
        data = self.cleaned_data
        until = data["until"]
        return {
            "event": data["event"],
            "actor": data["who"],
            "object_ref": data["about"].strip(),
            "since": _midnight(data["since"]) if data["since"] else None,
            "until": _midnight(until + timedelta(days=1)) if until else None,
        }


class VerificationForm(forms.Form):
    use_required_attribute = False
    what = forms.ChoiceField(
        label="What to verify",
        choices=[
            ("since", "What was written since the last verification that found nothing"),
            ("whole", "The whole log, from its first entry"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what to verify.",
            "invalid_choice": "Choose one of the two ways to verify.",
        },
    )

    @property
    def is_whole(self) -> bool:
        return bool(self.cleaned_data["what"] == "whole")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())
