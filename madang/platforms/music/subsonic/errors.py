"""What the protocol says when it says no: a code, a sentence, and the HTTP status stays 200."""

from __future__ import annotations

MESSAGES = {
    0: "A generic error.",
    10: "Required parameter is missing.",
    20: "Incompatible Subsonic REST protocol version. Client must upgrade.",
    30: "Incompatible Subsonic REST protocol version. Server must upgrade.",
    40: "Wrong username or password.",
    41: "Token authentication not supported for LDAP users.",
    42: "Provided authentication mechanism not supported.",
    43: "Multiple conflicting authentication mechanisms provided.",
    44: "Invalid API key.",
    50: "User is not authorized for the given operation.",
    70: "The requested data was not found.",
}
"""The protocol's own words. 41 is meant for every reason why tokens are not taken, though it names one; 60 (a trial is over) is not ours to say."""


class Failed(Exception):
    """A call that cannot be answered. ``message`` is the protocol's unless a better one is given; ``help_url`` is a page where a person can do something.

    Raises ``ValueError`` for a code that is none of the protocol's.
    """

    def __init__(self, code: int, message: object = "", help_url: str = "") -> None:
        if code not in MESSAGES:
            raise ValueError(f"no code of the protocol: {code}")
        super().__init__(code)
        self.code = code
        self.message = message or MESSAGES[code]
        self.help_url = help_url

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def element(self) -> dict[str, object]:
        """What stands under ``error`` in the answer."""
        said: dict[str, object] = {"code": self.code, "message": str(self.message)}
        return said | {"helpUrl": self.help_url} if self.help_url else said


def missing(name: str) -> Failed:
    """Code 10, naming the parameter."""
    return Failed(10, f"Required parameter is missing: {name}.")


def malformed(name: str, wanted: str) -> Failed:
    """Code 0: a parameter is there and cannot be read."""
    return Failed(0, f"Parameter {name} must be {wanted}.")
