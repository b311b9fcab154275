"""Reading and filling a wording. A list of known names is all that it can ask for."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

MARK = re.compile(r"\{([^{}\n]*)\}|\[(if not|if|end)\b([^\[\]\n]*)\]|([{}])")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in which line, in a sentence."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """`kind`: "value", "if", "if not", "end" or "stray"; `start` and `end` are places in the text."""

    kind: str
    name: str
    start: int
    end: int


def _marks(text: str) -> Iterator[_Mark]:
    for found in MARK.finditer(text):
        value, word, condition, stray = found.groups()
        if stray:
            yield _Mark("stray", stray, found.start(), found.end())
        elif word:
            yield _Mark(word, _tidy(condition), found.start(), found.end())
        else:
            yield _Mark("value", _tidy(value), found.start(), found.end())


def _tidy(name: str) -> str:
    return " ".join(name.split())


def faults_of(text: str, known: Collection[str]) -> list[Fault]:
    """All that keeps the text from being a wording, in its order; empty if it is one."""
    faults: list[Fault] = []
    begun: list[int] = []
    for mark in _marks(text):
        line = text.count("\n", 0, mark.start) + 1
        if mark.kind == "stray":
            faults.append(
                Fault(line, f"the brace {mark.name} stands alone. A place is written {{like this}}.")
            )
        elif mark.kind == "end":
            if not begun:
                faults.append(Fault(line, "[end] stands here, but no part was begun."))
            else:
                begun.pop()
        elif mark.name not in known:
            words = f"“{mark.name}”" if mark.name else "a place without a name"
            faults.append(Fault(line, f"this letter does not know {words}. Use one of the names listed."))
        if mark.kind in {"if", "if not"}:
            begun.append(line)
    faults += [Fault(line, "the part that begins here has no [end].") for line in begun]
    return sorted(faults, key=lambda fault: fault.line)


def written(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled. Never more than one empty line together.

    Raises KeyError for a name that is not among the values: `faults_of` finds those beforehand.
    """
    parts: list[str] = []
    shown, at = [True], 0
    for mark in _marks(text):
        if shown[-1]:
            parts.append(text[at : mark.start])
        at = mark.end
        if mark.kind == "value" and shown[-1]:
            parts.append(values[mark.name])
        elif mark.kind in {"if", "if not"}:
            shown.append(shown[-1] and bool(values[mark.name]) is (mark.kind == "if"))
        elif mark.kind == "end":
            shown.pop()
    parts.append(text[at:])
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip() + "\n"
