"""The two ways an action says no."""


class Refused(Exception):
    """What was asked cannot be done, and the person is told what happened, what was kept and what to do.

    ``code`` is a stable word for programs, ``message`` a sentence in the reader's language (a lazy string is fine),
    ``field`` the form field it belongs to, if any.
    """

    def __init__(self, code: str, message: object, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Missing(Exception):
    """It is not there, or not yours to see: the two are told apart to nobody."""
