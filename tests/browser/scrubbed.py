"""No line of any log names a person of whom somebody asks: the demonstration's people and those the tests type."""

import re
from collections.abc import Iterator
from pathlib import Path

# Names, dates of birth, telephones, accounts, addresses and mailboxes, as the demonstration gives and pages show them.
NAMED = re.compile(
    r"\b(Alex|Sam|Kim|Robin|Jo|Chris) (Example|Sample|Specimen)|1988-04-17|17 April 1988|17/04/1988"
    r"|01632 ?9604\d\d|\bZX-?7[67]\d+|Nowhere Lane|robin\.sample@|A child has not come home"
)


def lines_that_name(folder: Path) -> Iterator[str]:
    """Of every file below: the web, the worker, beat, the sweep, the sequencer, the database and the broker."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
                if NAMED.search(line):
                    yield f"{path.name}:{number}: {line[:200]}"
