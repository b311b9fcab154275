"""python -m cpdisclose.local serve [--fresh] | manage COMMAND …"""

import sys
from collections.abc import Sequence

from .checkout import Checkout
from .environment import caller
from .errors import LaunchError
from .manage import manage
from .serve import serve

USAGE = "Usage: script/server [--fresh], or script/manage COMMAND …"


def main(arguments: Sequence[str]) -> int:
    checkout = Checkout()
    try:
        match arguments:
            case ["serve"]:
                return serve(checkout, caller(), fresh=False)
            case ["serve", "--fresh"]:
                return serve(checkout, caller(), fresh=True)
            case ["manage", *command]:
                return manage(checkout, caller(), command)
            case _:
                print(USAGE, file=sys.stderr)
                return 2
    except LaunchError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
