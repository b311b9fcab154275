"""What every form of the desk has in common."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict, ErrorList

DEFAULT_REQUIRED = forms.Field.default_error_messages["required"]


class DeskForm(forms.Form):
    """Names the question that needs an answer; hushed, it shows what was typed and complains of nothing."""

    use_required_attribute = False
    quiet = False

    def hush(self) -> None:
        self.quiet = True

    def full_clean(self) -> None:
        if self.quiet:
            self._errors = ErrorDict()
            self.cleaned_data = {}
            return
        for name, field in self.fields.items():
            if field.error_messages["required"] == DEFAULT_REQUIRED:
                field.error_messages["required"] = f"“{self[name].label}” needs an answer."
        super().full_clean()

    def is_valid(self) -> bool:
        return not self.quiet and super().is_valid()


class Section(NamedTuple):
    """A part of a long form. `beside`: what the page shows of the request there, by a name that the page knows."""

    legend: str
    names: tuple[str, ...]
    beside: str = ""


class SectionedForm(DeskForm):
    """Declares its questions by sections, and the page shows them in that order; every question stands in one."""

    SECTIONS: ClassVar[tuple[Section, ...]] = ()

    @property
    def sections(self) -> Iterator[tuple[Section, list[BoundField]]]:
        for section in self.SECTIONS:
            yield section, [self[name] for name in section.names]


if TYPE_CHECKING:
    RowSet = forms.BaseFormSet[DeskForm]
else:
    RowSet = forms.BaseFormSet


class DeskFormSet(RowSet):
    """Rows of one form. `word` names a row to the reader: "person" makes "Person 2"."""

    word = "row"
    quiet = False

    def hush(self) -> None:
        self.quiet = True
        for form in self.forms:
            form.hush()

    def full_clean(self) -> None:
        if self.quiet:
            self._errors: list[ErrorDict] = []
            self._non_form_errors = ErrorList()
            return
        super().full_clean()

    def is_valid(self) -> bool:
        return not self.quiet and super().is_valid()
