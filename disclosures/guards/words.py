"""Words that more than one guard needs."""

from collections.abc import Sequence


def a_noun(noun: str) -> str:
    """The noun in small letters behind its article: a sergeant, an inspector."""
    noun = noun.lower()
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


NAMED_AT_ONCE = 5


def listed_briefly(sentences: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = len(sentences) - NAMED_AT_ONCE
    return " ".join([*sentences[:NAMED_AT_ONCE], *([f"And {more} more."] if more > 0 else [])])
