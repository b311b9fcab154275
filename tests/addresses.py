"""Every address that the resolver knows, with something put in for each variable part."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

ABSENT = "CP-2222-2222"
VARIABLE = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
USUAL = {"ref": ABSENT, "int": "7", "slug": "something", "str": "something", "path": "some/thing", "uuid": "7b7fd5cb-3b8b-4a9b-9d6c-0d3e64f0f6b1"}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """`parts` are the variable ones: name to converter; `at` fills them in."""

    name: str
    pattern: str

    @property
    def parts(self) -> dict[str, str]:
        return {match["name"]: match["converter"] or "str" for match in VARIABLE.finditer(self.pattern)}

    def at(self, given: Mapping[str, str] | None = None) -> str:
        filled = {name: USUAL.get(converter, "something") for name, converter in self.parts.items()}
        filled |= {name: value for name, value in (given or {}).items() if name in filled}
        return "/" + VARIABLE.sub(lambda match: filled[match["name"]], self.pattern)


def every_address() -> list[Address]:
    return sorted(set(_walk(get_resolver(), "", "")), key=lambda address: (address.name, address.pattern))


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[Address]:
    for one in resolver.url_patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one, path, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern):
            yield Address(f"{space}{one.name}", _plain(path))


def _plain(path: str) -> str:
    """The administrator's pages have two patterns that are regular expressions."""
    path = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)", r"<\1>", path)
    return path.replace("^", "").replace("$", "").replace("(?:.*)", "").rstrip("\\Z")
