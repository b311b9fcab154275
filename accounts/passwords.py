"""What a password may not be, beside too short, too common, or like its owner: made of the words of this house."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError

from .models import User

HOUSE_WORDS = ("cpdisclose", "disclosure", "disclose", "password", "welcome", "police", "changeme")
MOST = 128


class HouseWordsValidator:
    """Without these words, digits and signs there must be something left (ASVS 5.0, 6.2.11)."""

    def validate(self, password: str, _: User | None = None) -> None:
        rest = "".join(filter(str.isalpha, password.lower()))
        for word in (*HOUSE_WORDS, *re.findall("[a-z]{4,}", settings.DEPLOYMENT.lower())):
            rest = rest.replace(word, "")
        if len(password) > MOST:
            raise ValidationError(f"The password is too long: {MOST} characters are the most.")
        if len(rest) < 4:
            raise ValidationError(
                "The password is made of words that anybody tries here. Choose other words."
            )

    def get_help_text(self) -> str:
        return "Your password can’t be made of words such as disclosure, police or password."
