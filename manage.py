#!/usr/bin/env python3
"""Django's command line. Started without any settings, it takes those of this checkout: script/manage."""

import os
import shlex
import sys
from pathlib import Path

GIVEN = ("DJANGO_SETTINGS_MODULE", "SECRET_KEY", "SECRET_KEY_FILE", "DATABASE_URL", "DATABASE_URL_FILE")
OF_THE_CHECKOUT = Path(__file__).resolve().parent / "script" / "manage"


def main(arguments: list[str]) -> None:
    if OF_THE_CHECKOUT.exists() and not any(name in os.environ for name in GIVEN):
        os.execv(OF_THE_CHECKOUT, [str(OF_THE_CHECKOUT), *arguments])  # noqa: S606 -- our own script, no shell
    # Not before: the Python that was named may have no Django, and the checkout's has.
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpdisclose.settings")
    try:
        execute_from_command_line([sys.argv[0], *arguments])
    except ImproperlyConfigured as error:
        sys.exit(
            f"{error}\nWith the settings and the servers of this checkout: script/manage {shlex.join(arguments)}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
