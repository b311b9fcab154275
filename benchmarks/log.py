"""Every figure of the log, with what it is to reach.

    python -m benchmarks.log [--entries 10000000] [--only size|beside]

Ten million entries take about a quarter of an hour, 8 GB of disk and 4 GB of memory on two quiet cores; a million
says nearly the same. It works in database servers of its own, made and thrown away. Each figure stands beside its
baseline of the same run. The exit code is 1 where one is missed.
"""

import argparse
import os
import sys
from collections.abc import Sequence

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from benchmarks import log_at_size, log_beside  # noqa: E402 -- behind the set-up
from benchmarks.figures import show  # noqa: E402 -- behind the set-up


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.log", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--entries", type=int, default=log_at_size.TEN_MILLION)
    parser.add_argument("--only", choices=["size", "beside"], help="half of it")
    given = parser.parse_args(words)
    found = []
    if given.only != "size":
        found += list(log_beside.figures())
    if given.only != "beside":
        found += list(log_at_size.figures(given.entries))
    return 0 if show(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
