"""Fields for what is copied from a form: lines, paragraphs, and answers that may not be known yet."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from .base import DeskForm
from .work import LongText, YesNo

LINE = 200
PARAGRAPH = 1_000
PAGE = 10_000


class Line(forms.CharField):
    def __init__(self, *, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, **{"max_length": LINE, "required": False, **kwargs})


class Paragraphs(LongText):
    """Too long a text is an error with all of it still there: a browser would cut a paste in silence."""

    def __init__(self, *, label: str, rows: int = 4, **kwargs: Any) -> None:
        widget = forms.Textarea({"rows": rows})
        super().__init__(label=label, widget=widget, **{"max_length": PAGE, "required": False, **kwargs})
        del self.widget.attrs["maxlength"]


class Choice(forms.ChoiceField):
    """One of a register's words, or nothing yet."""

    def __init__(self, *, label: str, choices: Any, empty: str = "Not known yet", **kwargs: Any) -> None:
        super().__init__(label=label, choices=[("", empty), *choices], **{"required": False, **kwargs})


class Answer(YesNo):
    """Yes, no, or not known yet (None)."""

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, required=False, empty_value=None, **kwargs)
        self.choices = [("yes", "Yes"), ("no", "No"), ("", "Not known yet")]
        self.widget.attrs["class"] = "in-a-row"


class PlacedField(BoundField):
    def css_classes(self, extra_classes: Any = None) -> str:
        form = self.form
        return super().css_classes(
            form.css.get(self.name, "") if isinstance(form, CopiedForm) else extra_classes
        )


class CopiedForm(DeskForm):
    """A form whose complaints are in our words.

    `css` says of a field how it stands on the page, `needed_before` which later step needs it.
    """

    bound_field_class = PlacedField
    nearly_all_is_optional = True
    css: ClassVar[Mapping[str, str]] = {}
    needed_before: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for when, names in self.needed_before.items():
            for name in names:
                self.fields[name].needed_by = when  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.error_messages |= {
                "invalid_choice": "Choose one of the answers shown.",
                "max_length": f"“{field.label}” is too long: it has %(show_value)d characters, and %(limit_value)d fit.",
                "null_characters_not_allowed": "A character in it cannot be kept. Paste it again as plain text.",
            }
