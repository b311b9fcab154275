"""Rows added to and taken from a posted form by its own buttons, so that no script is needed."""

import re

from django.http import QueryDict

NUMBER = r"\d{1,6}"


def edited_rows(data: QueryDict, prefix: str) -> QueryDict | None:
    """The posted data with a row more or less, if `add-PREFIX` or `remove-PREFIX-N` was pressed."""
    edited = data.copy()
    if f"add-{prefix}" in data:
        del edited[f"add-{prefix}"]
        _count(edited, f"{prefix}-TOTAL_FORMS", 1)
        return edited
    pressed = [name for name in data if re.fullmatch(rf"remove-{re.escape(prefix)}-{NUMBER}", name)]
    if not pressed:
        return None
    del edited[pressed[0]]
    _remove(edited, prefix, int(pressed[0].rpartition("-")[2]))
    return edited


def _remove(data: QueryDict, prefix: str, row: int) -> None:
    cell = re.compile(rf"{re.escape(prefix)}-({NUMBER})-(.+)")
    for name in sorted(data, key=_natural):
        found = cell.fullmatch(name)
        if found is None or int(found[1]) < row:
            continue
        values = data.getlist(name)
        del data[name]
        if int(found[1]) > row:
            data.setlist(f"{prefix}-{int(found[1]) - 1}-{found[2]}", values)
    _count(data, f"{prefix}-TOTAL_FORMS", -1)


def _natural(name: str) -> list[int]:
    return [int(number) for number in re.findall(NUMBER, name)]


def _count(data: QueryDict, name: str, step: int) -> None:
    text = data.get(name, "")
    if re.fullmatch(NUMBER, text):
        data[name] = str(max(int(text) + step, 0))
