"""A start that cannot succeed says why, and what to do about it."""


class LaunchError(Exception):
    """`cause` is one sentence about what is wrong, `cure` one about what to do."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f"{cause}\n  What to do: {cure}")
        self.cause = cause
        self.cure = cure
