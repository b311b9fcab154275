"""The filters of the log's page."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from . import registry
from .entries import SYSTEM
from .hooks import people
from .models import Clearance
from .selectors import Scope

YEARS = range(1900, 2200)
DATE_FORMS = ["%d %m %Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y"]


class _DayField(forms.DateField):
    """A day that has a day before and after it, whatever is counted from it."""

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and day.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


def _day(label: str, *, required: bool = False) -> forms.DateField:
    return _DayField(
        label=label,
        required=required,
        input_formats=DATE_FORMS,
        widget=forms.TextInput({"inputmode": "text", "autocomplete": "off", "size": 12}),
        error_messages={
            "invalid": f"{label} must be a real date: day, month and year, such as 24 11 2026.",
            "required": f"{label} is needed, such as 24 11 2026.",
        },
    )


class LogFilter(forms.Form):
    """Without a clearance there is no choice of log, and whatever an address says of it is not read."""

    log = forms.ChoiceField(
        label="Which log",
        required=False,
        choices=[
            (Scope.MAIN.value, "Main, as every auditor sees it"),
            (Scope.ALL_OF_MAIN.value, "Main, with what is hidden there"),
            (Scope.SEALED.value, "Sealed"),
        ],
    )
    event = forms.ChoiceField(label="What", required=False)
    who = forms.CharField(label="Who", required=False, max_length=120)
    about = forms.CharField(label="About", required=False, max_length=64)
    since = _day("From")
    until = _day("To")

    def __init__(self, *args: Any, cleared: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not cleared:
            del self.fields["log"]
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
    def scope(self) -> Scope:
        return Scope(self.cleaned_data.get("log", ""))

    @property
    def filters(self) -> dict[str, Any]:
        """For `selectors.filtered`; days are London's, the last one included."""
        data = self.cleaned_data
        until = data["until"]
        return {
            "scope": self.scope,
            "event": data["event"],
            "actor": data["who"],
            "object_ref": data["about"].strip(),
            "since": _midnight(data["since"]) if data["since"] else None,
            "until": _midnight(until + timedelta(days=1)) if until else None,
        }


class ClearanceForm(forms.Form):
    use_required_attribute = False
    reader = forms.ChoiceField(label="Who is cleared", error_messages={"required": "Choose an auditor."})
    ground = forms.ChoiceField(
        label="On which ground",
        choices=[("", "Choose one"), *Clearance.Ground.choices],
        error_messages={"required": "Choose the ground."},
    )
    document = forms.CharField(
        label="The document that shows it",
        max_length=80,
        help_text="For example: engagement letter 14/2026. Name no case and no person.",
        error_messages={"required": "Name the document that shows the ground."},
    )
    since = _day("First day", required=True)
    until = _day("Last day", required=True)

    def __init__(self, *args: Any, readers: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reader = self.fields["reader"]
        assert isinstance(reader, forms.ChoiceField)  # noqa: S101 -- declared above
        reader.choices = [("", "Choose one"), *readers.items()]

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", "The last day must not be before the first.")
        return self.cleaned_data

    def given(self) -> dict[str, Any]:
        """For `give_clearance`; days are London's, the last one included."""
        data = self.cleaned_data
        return {
            "reader": data["reader"],
            "ground": data["ground"],
            "document": data["document"],
            "valid_from": _midnight(data["since"]),
            "valid_until": _midnight(data["until"] + timedelta(days=1)),
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
