"""For a Python without ensurepip (Debian's, alone): fetch the one pip wheel named here into a folder.

Usage: get_pip.py FOLDER. Standard library only. PIP_INDEX_URL is honoured; the wheel must have this hash.
"""

import hashlib
import json
import os
import sys
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

WHEEL = "pip-26.3-py3-none-any.whl"
SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
ACCEPT = "application/vnd.pypi.simple.v1+json"


def main(folder: Path) -> None:
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    with urlopen(Request(index, headers={"Accept": ACCEPT}), timeout=30) as answer:  # noqa: S310
        found = [file for file in json.load(answer)["files"] if file["filename"] == WHEEL]
    with urlopen(urljoin(index, found[0]["url"]), timeout=60) as answer:  # noqa: S310
        wheel = answer.read()
    if hashlib.sha256(wheel).hexdigest() != SHA256:
        sys.exit(f"{WHEEL} from {index} does not have the hash that this checkout expects.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WHEEL).write_bytes(wheel)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
