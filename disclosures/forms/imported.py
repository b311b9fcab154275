"""A request as a line of JSON: its schema, made from the intake form, and the form filled in from it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.http import QueryDict
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from accounts.models import Organisation

from .fields import LONDON, DayMonthYearField, MomentField
from .intake import IntakeForm
from .intake_page import IntakePage
from .intake_rows import MOST_ITEMS, MOST_PEOPLE, CopiedRows, ItemForm, SubjectForm
from .work import YesNo

Values = Mapping[str, Any]
SETS = {"subjects": ("people", SubjectForm, MOST_PEOPLE), "items": ("things", ItemForm, MOST_ITEMS)}
TYPES = {
    "string": "a text", "boolean": "true or false", "array": "a list in square brackets", "object": "an object in curly brackets",
}  # fmt: skip
FORMATS = {
    "date": "a day, written as 2026-11-24",
    "date-time": "a moment with its zone, written as 2026-11-24T14:05:00+00:00",
}


class LineRefused(ValueError):
    """A line that is not taken; `reasons` are all of them, and none repeats what the line holds."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, well formed: `id` is the sender's own key, `page` the intake form filled in from it."""

    id: str
    restricted: bool
    page: IntakePage


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one line."""
    names = {"id": {"type": "string", "minLength": 1, "maxLength": 100, "description": "Your own key: a line with a key that is here already is not imported again."},
             "restricted": {"type": "boolean", "description": "True for whatever may not be told: only its members will see it. Orders and notices always are."}}  # fmt: skip
    names |= {name: _of_field(field) for name, field in IntakeForm.base_fields.items()}
    names["body"] = {"type": "string", "description": "Name in the register of organisations."}
    for name, (_, form, most) in SETS.items():
        each = {key: _of_field(field) for key, field in form.base_fields.items()}  # type: ignore[attr-defined]
        names[name] = {"type": "array", "maxItems": most, "items": _object(each)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One request: a line of the file that script/manage import_requests reads",
        **_object(names),
        "required": ["id", "channel", "received_at", "nation", "body", "subjects", "items"],
    }


def _object(names: Values) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(names)}


def _of_field(field: forms.Field) -> dict[str, Any]:
    said: dict[str, Any] = {"description": f"{field.label}. {field.help_text}".strip()}
    if isinstance(field, MomentField):
        return {"type": "string", "format": "date-time", **said}
    if isinstance(field, DayMonthYearField):
        return {"type": "string", "format": "date", **said}
    if isinstance(field, YesNo | forms.BooleanField):
        return {"type": "boolean", **said}
    if isinstance(field, forms.MultipleChoiceField):
        return {"type": "array", "items": {"enum": _codes(field.choices)}, "uniqueItems": True, **said}
    if isinstance(field, forms.ChoiceField):
        return {"enum": _codes(field.choices), **said}
    return {"type": "string", "maxLength": field.max_length, **said}  # type: ignore[attr-defined]


def _codes(choices: Any) -> list[str]:
    """The codes of a register; those of its groups in one list."""
    found = (_codes(words) if isinstance(words, list) else [code] for code, words in choices)
    return [str(code) for codes in found for code in codes if code != ""]


FORMAT_CHECKER = FormatChecker(formats=())
FORMAT_CHECKER.checks("date", raises=ValueError)(
    lambda text: not isinstance(text, str) or bool(date.fromisoformat(text))
)


@FORMAT_CHECKER.checks("date-time", raises=ValueError)
def _is_a_moment(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


VALIDATOR = Draft202012Validator(schema(), format_checker=FORMAT_CHECKER)


def read_line(raw: bytes, *, now: datetime, bodies: Sequence[Organisation]) -> Line:
    """The line's intake form, valid. Raises LineRefused with everything that is wrong with the line."""
    try:
        given = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise LineRefused(["This line is not UTF-8. Save the file in that encoding."]) from None
    except json.JSONDecodeError as error:
        sentence = f"This line is not JSON, from character {error.pos + 1} on."
        raise LineRefused([sentence]) from None
    except (RecursionError, ValueError):
        raise LineRefused(
            ["This line cannot be read: it is nested too deep, or a number is too long."]
        ) from None
    if not isinstance(given, dict):
        raise LineRefused(["This line is not an object in curly brackets."])
    wrong = list(VALIDATOR.iter_errors(given))
    reasons = [_sentence(error) for error in wrong]
    known = {body.name.casefold(): body for body in bodies}
    named = given.get("body")
    if isinstance(named, str) and named.casefold() not in known:
        reasons.append("body: the register of organisations has no force, agency, court or company of this name that is active.")  # fmt: skip
    if wrong:
        raise LineRefused(reasons)
    page = IntakePage(_filled_in(given, known), now=now, bodies=bodies, initial={})
    if not page.is_valid():
        reasons += _complaints(page)
    if reasons:
        raise LineRefused(reasons)
    return Line(id=given["id"], restricted=given.get("restricted", False), page=page)


def _sentence(error: ValidationError) -> str:
    where, said, found = (
        _place(error.absolute_path),
        cast(Any, error.validator_value),
        cast(Any, error.instance),
    )
    match error.validator:
        case "required":
            # The library reports each that lacks by itself, and names it in its message alone.
            lacking = next(name for name in said if error.message.startswith(repr(name)))
            return f"{where}“{lacking}” is missing."
        case "additionalProperties":
            strange = sorted(set(found) - set(cast(Any, error.schema)["properties"]))
            return f"{where}no field has this name: {', '.join(strange)}. The schema lists them all."
        case "enum":
            return f"{where}this must be one of {', '.join(said)}."
        case "format":
            return f"{where}this must be {FORMATS[said]}."
        case "type":
            return f"{where}this must be {TYPES[said]}."
        case "maxLength":
            return f"{where}this is too long; {said} characters fit."
        case "maxItems":
            return f"{where}these are too many; {said} fit. Put the rest into another request."
        case "minLength":
            return f"{where}this is empty."
        case _:
            return f"{where}one of these stands here twice."


def _place(path: Iterable[str | int]) -> str:
    """As one would write it: subjects 2, born_on."""
    words = ""
    for step in path:
        words += f" {step + 1}" if isinstance(step, int) else f"{', ' if words else ''}{step}"
    return f"{words}: " if words else ""


def _filled_in(given: Values, bodies: Mapping[str, Organisation]) -> QueryDict:
    data = QueryDict(mutable=True)
    own = {name: value for name, value in given.items() if name in IntakeForm.base_fields}
    body = bodies.get(own.get("body", "").casefold())
    _fill(data, IntakeForm.base_fields, {"urgency": "ROUTINE", **own, "body": body.ref if body else ""}, "")
    for name, (prefix, form, _) in SETS.items():
        rows = given[name]
        data[f"{prefix}-TOTAL_FORMS"], data[f"{prefix}-INITIAL_FORMS"] = str(len(rows)), "0"
        for number, row in enumerate(rows):
            usual = {"type": "INDIVIDUAL"} if name == "subjects" else {}
            _fill(data, form.base_fields, {**usual, **row}, f"{prefix}-{number}-")  # type: ignore[attr-defined]
    return data


def _fill(data: QueryDict, fields: Mapping[str, forms.Field], values: Values, prefix: str) -> None:
    for name, value in values.items():
        field, key = fields[name], prefix + name
        if isinstance(field, MomentField):
            local = datetime.fromisoformat(value).astimezone(LONDON)
            data[f"{key}_day"], data[f"{key}_time"] = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
        elif isinstance(field, DayMonthYearField):
            data[f"{key}_day"] = value
        elif isinstance(field, YesNo):
            data[key] = "yes" if value else "no"
        elif isinstance(field, forms.BooleanField):
            data[key] = "on" if value else ""
        elif isinstance(value, list):
            data.setlist(key, value)
        else:
            data[key] = value


def _complaints(page: IntakePage) -> Iterator[str]:
    for name, sentences in page.form.errors.items():
        yield from (f"{name}: {sentence}" for sentence in sentences)
    for name, rows in (("subjects", page.people), ("items", page.things)):
        if rows is not None:
            yield from _complaints_of(name, rows)


def _complaints_of(word: str, rows: CopiedRows) -> Iterator[str]:
    yield from (f"{word}: {sentence}" for sentence in rows.non_form_errors())
    for number, form in enumerate(rows.forms, start=1):
        for name, sentences in form.errors.items():
            yield from (f"{word} {number}, {name}: {sentence}" for sentence in sentences)
