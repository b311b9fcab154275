"""For somebody who lost the password, and perhaps the telephone with it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import remove_second_factor, set_new_password


class Command(BaseCommand):
    help = "Gives a person a one-time password and prints it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--lost-second-factor", action="store_true", help="remove it, to be set up anew")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError("There is no person with this e-mail address.")
        now = timezone.now()
        password = set_new_password(user_id=user.pk, actor=None, now=now)
        if options["lost_second_factor"]:
            remove_second_factor(user_id=user.pk, actor=None, now=now)
        self.stdout.write(f"One-time password of {user.email}: {password}")
