"""The forms of what is put on the file."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from ..models import Correspondence, Document, RequestLink
from ..models.request import Channel
from .base import DeskForm
from .fields import MomentField
from .work import LongText


class DocumentForm(DeskForm):
    purpose = forms.ChoiceField(
        label="What it is", choices=Document.Purpose.choices, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label="The file",
        help_text="PDF, PNG, JPEG, TIFF or .eml, at most 25 MB. It is sealed at once and can only be downloaded, never shown here.",
        error_messages={
            "required": "Choose a file of at most 25 MB; a larger one does not arrive.",
            "empty": "The file is empty. Choose another one.",
            "invalid": "Choose a file of at most 25 MB; a larger one does not arrive.",
            "max_length": "The file's name is too long. Give it a shorter one.",
        },
        max_length=200,
    )

    @property
    def given(self) -> dict[str, Any]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        return {
            "purpose": self.cleaned_data["purpose"],
            "name": str(file.name),
            "content": file.read(),
        }


class CorrespondenceForm(DeskForm):
    direction = forms.ChoiceField(
        label="Who wrote or rang",
        choices=Correspondence.Direction.choices,
        widget=forms.RadioSelect({"class": "in-a-row"}),
    )
    channel = forms.ChoiceField(label="How", choices=Channel.choices, initial=Channel.TELEPHONE)
    at = MomentField(label="When", help_text="London time.")
    with_whom = forms.CharField(
        label="With whom", max_length=200, help_text="The name and the body, for example: PC Sample, Northshire."
    )  # fmt: skip
    words = LongText(
        label="What was said or written",
        help_text="Who asked what and who promised what. It is sealed and stands in the history.",
        widget=forms.Textarea({"rows": 4}),
    )


class CommentForm(DeskForm):
    words = LongText(
        label="Comment",
        help_text="Only colleagues who see this request read it. It is never part of an answer.",
        widget=forms.Textarea({"rows": 3}),
    )


class MessageForm(DeskForm):
    words = LongText(label="Message", max_length=4000, widget=forms.Textarea({"rows": 5}))


class LinkForm(DeskForm):
    other_reference = forms.CharField(
        label="Reference of the other request", max_length=20, help_text="Such as CP-7F3K-92QM."
    )
    relation = forms.ChoiceField(label="How they belong together", choices=RequestLink.Relation.choices)
    reason = LongText(label="Why", widget=forms.Textarea({"rows": 2}))
