#!/usr/bin/env python3
"""Django's command line."""

import os
import shlex
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpdisclose.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(
            f"{error}\nWith the settings and the servers of this checkout: script/manage {shlex.join(sys.argv[1:])}"
        )
