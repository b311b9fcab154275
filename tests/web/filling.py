"""Reading a form from a page and sending it back, as a browser would."""

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

Values = dict[str, list[str]]
QUIET = {"submit", "button", "checkbox", "radio"}


class Filled(HTMLParser):
    """What a browser would send of each form, by the form's address; without any button."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, Values] = {}
        self.values: Values = {}
        self.select: tuple[str, list[str]] | None = None
        self.area: tuple[str, list[str]] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        attrs = dict(attributes)
        name, value = attrs.get("name") or "", attrs.get("value") or ""
        if tag == "form":
            self.values = self.forms.setdefault(attrs.get("action") or "", {})
        elif tag == "input" and (attrs.get("type") not in QUIET or "checked" in attrs):
            self._add(name, value or ("on" if attrs.get("type") == "checkbox" else ""))
        elif tag == "select":
            self.select = (name, [])
        elif tag == "option" and self.select and ("selected" in attrs or not self.select[1]):
            self.select[1][:] = [value]
        elif tag == "textarea":
            self.area = (name, [])

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.select:
            self._add(self.select[0], "".join(self.select[1]))
            self.select = None
        elif tag == "textarea" and self.area:
            text = "".join(self.area[1]).removeprefix("\n")
            self._add(self.area[0], text.replace("\n", "\r\n"))
            self.area = None

    def _add(self, name: str, value: str) -> None:
        if name:
            self.values.setdefault(name, []).append(value)


def filled(html: str, action: str) -> Values:
    return Filled(html).forms[action]


def with_changes(values: Values, changes: Mapping[str, Any]) -> Values:
    """The form with other answers; None takes an answer away."""
    changed = {
        name: value if isinstance(value, list) else [value]
        for name, value in changes.items()
        if value is not None
    }
    kept = {name: value for name, value in values.items() if name not in changes}
    return kept | changed


def names_of(values: Values) -> Iterator[str]:
    yield from (name for name in values if not name.startswith("csrf"))
