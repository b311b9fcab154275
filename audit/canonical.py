"""Canonical JSON: the subset of RFC 8785 that docs/audit-format.md describes."""

import json
from collections.abc import Mapping, Sequence

JSON = None | bool | int | str | Sequence["JSON"] | Mapping[str, "JSON"]

LARGEST = 2**53 - 1


class NotCanonical(ValueError):
    """The value has no place in the log: a float, a number too large, a lone surrogate, another type."""


def canonical(value: JSON) -> bytes:
    """The one way to write a value. Raises `NotCanonical`."""
    text = json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise NotCanonical("A surrogate without its partner cannot be written as UTF-8.") from None


def _ordered(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical("Whole numbers in the log lie between -(2^53 - 1) and 2^53 - 1.")
        return int(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise NotCanonical("The names of an object are strings.")
        return {_text(name): _ordered(value[name]) for name in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    raise NotCanonical(f"A value of type {type(value).__name__} has no place in the log.")


def _text(value: str) -> str:
    if "\0" in value:
        raise NotCanonical("U+0000 has no place in the log.")
    return str(value)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")
