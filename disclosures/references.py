"""References people read out on the telephone: random, without letters that sound or look alike."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
PATTERN = r"CP-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}"


def new_reference() -> str:
    """Such as CP-7F3K-92QM; 30^8 of them (about 6.6e11), so a collision is retried, not prevented."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"CP-{letters[:4]}-{letters[4:]}"


def tidy(typed: str) -> str:
    """What somebody typed or read out, as a reference: case, spaces and a missing CP- are forgiven."""
    letters = "".join(ch for ch in typed.upper() if ch.isalnum())
    letters = letters.removeprefix("CP") if len(letters) == 10 else letters
    return f"CP-{letters[:4]}-{letters[4:]}" if len(letters) == 8 else typed.strip().upper()
