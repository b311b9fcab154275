"""A new colleague: registered here, given roles on the administration pages."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.services import Refused, one_time_password, register_user


class Command(BaseCommand):
    help = "Registers a person and prints a one-time password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        password = one_time_password()
        try:
            user = register_user(
                email=options["email"],
                display_name=options["name"],
                password=password,
                temporary=True,
                actor=None,
                now=timezone.now(),
            )
        except Refused as why:
            raise CommandError(str(why)) from None
        self.stdout.write(f"{user.email} is registered. One-time password: {password}")
