"""After a newer master key was put behind the others in SEALING_MASTER_KEYS: everything moves to it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services.rotating import (
    begin_rotation,
    move_keys,
    move_second_factors,
    older_second_factors,
)
from sealing.keys import master_keys, newest_master
from sealing.rotation import hanging


class Command(BaseCommand):
    help = "Wraps every data key and second factor under the newest master key. May be stopped and started again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Open every key, write nothing.")
        parser.add_argument("--batch", type=int, default=500, metavar="KEYS", help="Keys in one transaction.")

    def handle(self, *args: Any, **options: Any) -> None:
        newest, dry = newest_master()[0], options["dry_run"]
        older = {version: keys for version, keys in hanging().items() if version != newest}
        total, factors = sum(older.values()), sum(older_second_factors().values())
        if not total and not factors:
            self.stdout.write(f"Everything hangs on master key {newest} already.")
            self._say_what_may_go(newest)
            return
        if not dry:
            begin_rotation()
        shut = self._move(total, newest, dry=dry, size=options["batch"])
        if dry:
            self.stdout.write(f"{factors} second factors would be sealed again. Nothing was written.")
        else:
            done = move_second_factors()
            self.stdout.write(f"{done.moved} second factors are sealed under master key {newest}.")
            shut += len(done.shut)
        if shut:
            raise CommandError(
                f"{shut} did not open: the master key they name is missing from SEALING_MASTER_KEYS, or is another"
                " one. Nothing of them was changed. Give the right key and start again."
            )
        if not dry:
            self._say_what_may_go(newest)

    def _move(self, total: int, newest: int, *, dry: bool, size: int) -> int:
        moved, shut = 0, 0
        verb = "would move" if dry else "moved"
        for batch in move_keys(size=size, try_only=dry):
            moved, shut = moved + batch.moved, shut + len(batch.shut)
            for ref in batch.shut:
                self.stderr.write(f"Key {ref} does not open.")
            if batch.moved:
                self.stdout.write(f"{moved:,} of {total:,} keys {verb} to master key {newest}.")
        return shut

    def _say_what_may_go(self, newest: int) -> None:
        """What still hangs on each older key. The first one stays: the blind indexes are made with it."""
        living, factors = hanging(), older_second_factors()
        for place, version in enumerate(master_keys()):
            used = living.get(version, 0) + factors.get(version, 0)
            if version == newest:
                continue
            if used:
                words = f"is still needed: {used} hang on it. Start again."
            elif place == 0:
                words = "wraps nothing any more, and stays: the blind indexes are made with it."
            else:
                words = "wraps nothing any more and may be taken out of SEALING_MASTER_KEYS."
            self.stdout.write(f"Master key {version} {words}")
