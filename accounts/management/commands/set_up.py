"""The first start of a real database: the company, its administrator, and what the law makes of it."""

from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import Organisation
from accounts.services import Newcomer, Profile, Refused, set_up_company

FACTS = {
    "telecoms-operator": "the company provides a telecommunications service",
    "regulated-sector": "the company is in the regulated sector for money laundering",
    "financial-institution": "the company is a financial institution",
}


class Command(BaseCommand):
    help = "Sets up the company and its first administrator, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="the company's full name")
        parser.add_argument(
            "--alias", action="append", default=[], help="another name it goes by; repeatable"
        )
        parser.add_argument("--nation", choices=Organisation.Nation.values, required=True)
        for fact, words in FACTS.items():
            parser.add_argument(f"--{fact}", action=BooleanOptionalAction, required=True, help=words)
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--admin-name", required=True)
        parser.add_argument(
            "--mlro-stand-in-email",
            help="who stands in, where the company has no money laundering reporting officer",
        )
        parser.add_argument("--mlro-stand-in-name", help="needed unless it is the administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        administrator = Newcomer(options["admin_email"].strip().lower(), options["admin_name"])
        stand_in = _stand_in(options, administrator)
        profile = Profile(
            is_telecoms_operator=options["telecoms_operator"],
            is_regulated_sector=options["regulated_sector"],
            is_financial_institution=options["financial_institution"],
            mlro_is_stand_in=stand_in is not None,
        )
        try:
            appointed = set_up_company(
                code=slugify(options["name"])[:60],
                name=options["name"],
                nation=options["nation"],
                aliases=options["alias"],
                profile=profile,
                administrator=administrator,
                mlro_stand_in=stand_in,
                now=timezone.now(),
            )
        except Refused as why:
            raise CommandError(str(why)) from None
        self.stdout.write(f"{options['name']} is set up. One-time passwords, to be changed at sign-in:")
        for person in appointed:
            self.stdout.write(f"  {person.user.email}  {person.one_time_password}")
        if stand_in is None:
            self.stdout.write("Appoint the money laundering reporting officer on the administration pages.")


def _stand_in(options: dict[str, Any], administrator: Newcomer) -> Newcomer | None:
    email = (options["mlro_stand_in_email"] or "").strip().lower()
    if not email:
        return None
    if email == administrator.email:
        return administrator
    if not options["mlro_stand_in_name"]:
        raise CommandError("Give the stand-in's name with --mlro-stand-in-name.")
    return Newcomer(email, options["mlro_stand_in_name"])
