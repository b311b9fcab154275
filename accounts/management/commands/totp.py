"""The current code of a demo person, in place of a telephone. Refused outside the demonstration."""

import time
from argparse import ArgumentParser
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.core.management.base import BaseCommand, CommandError

from cpdisclose.local.guard import demo_database_guard


class Command(BaseCommand):
    help = "Prints the present one-time code of a person of the demonstration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        demo_database_guard()
        factor = Authenticator.objects.filter(
            user__email=options["email"].strip().lower(), type=Authenticator.Type.TOTP
        ).first()
        if factor is None:
            raise CommandError("This person has no authenticator app set up.")
        now, period = int(time.time()), app_settings.TOTP_PERIOD
        code = format_hotp_value(hotp_value(decrypt(factor.data["secret"]), now // period))
        self.stdout.write(code)
        self.stderr.write(f"{options['email']}: good for another {period - now % period} seconds.")
