"""Dates and moments as people write them: parts in, a date or an aware moment out, else one sentence."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.days import in_full

LONDON = ZoneInfo("Europe/London")
EXAMPLE = "24 11 2026"
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


class PartsWidget(forms.MultiWidget):
    """Several short boxes, each with its own label, in one fieldset."""

    template_name = "django/forms/widgets/parts.html"
    boxes: tuple[tuple[str, int], ...] = (("Day", 2), ("Month", 2), ("Year", 4))

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({label.lower(): forms.TextInput(_box(label)) for label, _ in self.boxes}, attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, (label, size) in zip(context["widget"]["subwidgets"], self.boxes, strict=True):
            part.update(label=label, size=size)
        return context

    def decompress(self, value: date | None) -> list[str]:
        return [""] * 3 if value is None else [str(value.day), str(value.month), str(value.year)]


class MomentWidget(PartsWidget):
    boxes = (*PartsWidget.boxes, ("Time", 4))

    def decompress(self, value: date | None) -> list[str]:
        if not isinstance(value, datetime):
            return [*super().decompress(value), ""]
        local = value.astimezone(LONDON)
        return [*super().decompress(local), f"{local:%H:%M}"]


class DayMonthYearField(forms.Field):
    """A date in three boxes; months by number or name, years of two or four digits.

    `full_year=True` asks for four digits, where the century is in doubt (a date of birth).
    """

    widget = PartsWidget

    def __init__(self, *, label: str, full_year: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": f"{label} is needed, such as {EXAMPLE}."})
        super().__init__(label=label, **kwargs)
        self.full_year = full_year

    def to_python(self, value: Sequence[str | None] | None) -> date | None:
        parts = _tidy(value, 3)
        return self.read_date(parts) if any(parts) else None

    def read_date(self, parts: Sequence[str]) -> date:
        day, month, year = _unpacked(parts)
        missing = [word for word, part in (("day", day), ("month", month), ("year", year)) if not part]
        if missing:
            sentence = f"{self.label} must include a {' and a '.join(missing)}."
            raise ValidationError(sentence, code="incomplete")
        if self.full_year and re.fullmatch(r"\d{2}", year):
            sentence = f"{self.label} needs all four digits of the year, such as 1985."
            raise ValidationError(sentence, code="century")
        try:
            return date(_year(year), _month(month), _day(day))
        except ValueError:
            sentence = f"{self.label} must be a real date, such as {EXAMPLE}."
            raise ValidationError(sentence, code="unreal") from None


class MomentField(DayMonthYearField):
    """A date and a time of day in London, as an aware datetime; of an hour that comes twice, the first."""

    widget = MomentWidget

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": f"{label} is needed, such as {EXAMPLE}, 14:05."})
        super().__init__(label=label, **kwargs)

    def to_python(self, value: Sequence[str | None] | None) -> datetime | None:
        parts = _tidy(value, 4)
        if not any(parts):
            return None
        day = self.read_date(parts[:3])
        moment = datetime.combine(day, self.read_time(parts[3]), tzinfo=LONDON)
        if moment.astimezone(UTC).astimezone(LONDON).time() != moment.time():
            raise ValidationError(
                f"{self.label} falls in the hour that the clocks skipped on {in_full(day)}. "
                "Give a time before 01:00 or from 02:00 on.",
                code="skipped",
            )
        return moment

    def read_time(self, text: str) -> time:
        if not text:
            raise ValidationError(f"{self.label} must include a time, such as 14:05.", code="incomplete")
        try:
            return _clock(text)
        except ValueError:
            sentence = f"The time in “{self.label}” must be a time of day, such as 14:05."
            raise ValidationError(sentence, code="unreal") from None


def _box(label: str) -> dict[str, str]:
    keyboard = "text" if label == "Time" else "numeric"
    return {"inputmode": keyboard, "autocomplete": "off", "spellcheck": "false"}


def _tidy(value: Sequence[str | None] | None, length: int) -> list[str]:
    parts = [(part or "").strip() for part in value or ()]
    return parts + [""] * (length - len(parts))


def _unpacked(parts: Sequence[str]) -> Sequence[str]:
    """A whole date typed or pasted into the first box, in British order or ISO's."""
    if parts[1] or parts[2]:
        return parts
    pieces = [piece for piece in re.split(r"[\s/.,-]+", parts[0]) if piece]
    if len(pieces) != 3:
        return parts
    return pieces[::-1] if len(pieces[0]) == 4 else pieces


def _day(text: str) -> int:
    return int(_matched(r"(\d{1,2})(?:st|nd|rd|th)?", text)[1])


def _month(text: str) -> int:
    word = text.lower().rstrip(".")
    if len(word) >= 3:
        for number, name in enumerate(MONTHS, start=1):
            if name.startswith(word):
                return number
    return int(_matched(r"\d{1,2}", word)[0])


def _year(text: str) -> int:
    digits = _matched(r"\d{2}|19\d{2}|2[01]\d{2}", text)[0]
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _clock(text: str) -> time:
    """24 hours with minutes (14:05, 14.05, 1405), or 12 hours with am or pm."""
    hour, minute, half = _matched(r"(\d{1,2})(?:[:. ]?(\d{2}))?(?: ?([ap])\.?m\.?)?", text).groups()
    if (half is None and minute is None) or (half and not 1 <= int(hour) <= 12):
        raise ValueError(text)
    if half is None:
        return time(int(hour), int(minute))
    return time(int(hour) % 12 + (12 if half.lower() == "p" else 0), int(minute or 0))


def _matched(pattern: str, text: str) -> re.Match[str]:
    found = re.fullmatch(pattern, text, re.IGNORECASE)
    if found is None:
        raise ValueError(text)
    return found
