"""Words that more than one guard needs."""


def a_noun(noun: str) -> str:
    """The noun in small letters behind its article: a sergeant, an inspector."""
    noun = noun.lower()
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
