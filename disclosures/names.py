"""Whether a name is one of a company's names, however it is written: case, points, “Ltd” for “Limited”, “&” for “and”."""

import re
from collections.abc import Iterable

FORMS = {
    "limited": "ltd", "ltd": "ltd", "plc": "plc", "llp": "llp", "lp": "lp", "cic": "cic", "inc": "inc",
}  # fmt: skip
LONG_FORMS = (
    ("public limited company", "plc"), ("limited liability partnership", "llp"), ("p l c", "plc"), ("l l p", "llp"),
    ("community interest company", "cic"),
)  # fmt: skip


def is_one_of(addressee: str, names: Iterable[str]) -> bool:
    """True if the whole of it, or a part between commas or line ends, is one of the names.

    “The Company Secretary, Example Ltd, 1 Street” is addressed to “Example Limited”; “Example Services Ltd” is
    another company. Where one side leaves the legal form out, the rest decides; two forms must be the same.
    """
    ours = [_split(name) for name in names if name.strip()]
    parts = [addressee, *re.split(r"[,;\n]", addressee)]
    return any(_same(_split(part), name) for part in parts for name in ours)


def _split(name: str) -> tuple[str, str]:
    """The bare name and its legal form, "" for none."""
    text = " ".join(
        re.findall(r"[^\W_]+", name.casefold().replace("&", " and ").replace("’", "").replace("'", ""))
    )
    for long, short in LONG_FORMS:
        text = re.sub(rf"\b{long}\b", short, text)
    words = text.split()
    if words[:1] == ["the"]:
        words = words[1:]
    form = ""
    while len(words) > 1 and words[-1] in FORMS:
        form = FORMS[words.pop()]
    return " ".join(words), form


def _same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return bool(one[0]) and one[0] == other[0] and (one[1] == other[1] or not one[1] or not other[1])
