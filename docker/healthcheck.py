"""healthcheck.py URL [PART]: exit code 0 if the page answers 200, or if PART of its JSON is "ok".

It asks under the public name, because the site answers to no other.
"""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen


def main(url: str, part: str = "") -> int:
    request = Request(url, headers={"Host": urlsplit(os.environ["PUBLIC_URL"]).netloc})  # noqa: S310
    try:
        with urlopen(request, timeout=8) as answer:  # noqa: S310
            status, body = answer.status, answer.read()
    except HTTPError as error:
        status, body = error.code, error.read()
    except OSError:
        return 1
    if part:
        return 0 if status in (200, 503) and json.loads(body).get(part) == "ok" else 1
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
