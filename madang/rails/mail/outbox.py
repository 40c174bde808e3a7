"""No mail server is set: a mail is a page here, nothing leaves the house."""

from __future__ import annotations

from madang.rails.mail import Letter


class Outbox:
    """Keeps mail where it is."""

    name = "outbox"
    leaves_the_house = False

    def send(self, letter: Letter) -> None:
        """Nothing to do: the outbox page shows what was written."""
