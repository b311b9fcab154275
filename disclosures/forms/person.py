"""One person of a request, corrected by itself."""

from datetime import date, datetime
from typing import Any

from django.http import QueryDict

from ..selectors.opening import Opened
from ..services.intake import SubjectInput
from .intake_rows import SubjectForm

NAMES = tuple(SubjectInput.__dataclass_fields__)


class PersonForm(SubjectForm):
    """As on the form of the whole request; `version` is the request's as it was shown."""

    def __init__(self, data: QueryDict | None, *, shown: Opened, now: datetime, **kwargs: Any) -> None:
        initial = {name: getattr(shown, name) for name in NAMES}
        initial["born_on"] = date.fromisoformat(shown.born_on) if shown.born_on else None
        super().__init__(data, now=now, initial=initial, **kwargs)

    @property
    def person(self) -> SubjectInput:
        given = dict(self.cleaned_data)
        given["born_on"] = given["born_on"].isoformat() if given["born_on"] else ""
        return SubjectInput(**given)
