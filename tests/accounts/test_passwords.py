"""What a password has to be: long, not common, not about its owner or this house; anything else is free."""

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from cpdisclose.settings import PASSWORD_HASHERS

OWNER = User(email="robin.specimen@desk.example", display_name="Robin Specimen")


@pytest.mark.parametrize(
    "good",
    [
        "correct horse battery staple",
        "quiet otters 7 lanterns",
        "пароль из четырёх слов",
        "x" * 3 + " long enough to be anything at all, a sentence even, with its stops. " + "y" * 30,
    ],
)
def test_any_long_sentence_will_do(good: str) -> None:
    validate_password(good, OWNER)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("short words", "too short"),
        ("1q2w3e4r5t6y", "too common"),
        ("123456789012", "made of words"),
        ("robin.specimen@desk", "similar"),
        ("Disclosure-2026!", "made of words"),
        ("police police 12345", "made of words"),
        ("long words " * 12, "too long"),
    ],
)
def test_what_a_guesser_tries_first_will_not(bad: str, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(bad, OWNER)
    assert why in " ".join(refused.value.messages)


def test_passwords_are_kept_as_argon2_and_nothing_weaker() -> None:
    assert PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert len(settings.AUTH_PASSWORD_VALIDATORS) == 5
