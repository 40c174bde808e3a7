"""Mail leaving the house, behind one small interface. ``outbox`` keeps it on a page here; ``smtp`` hands it to a mail server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Letter", "MailRail", "NotDelivered", "configured"]


@dataclass(frozen=True)
class Letter:
    """One mail: plain text in one language. ``id`` becomes its Message-ID, so that a second try is known as the same mail."""

    id: str
    sender: str
    to: str
    subject: str
    text: str
    language: str


class NotDelivered(Exception):
    """The mail server did not take it. ``forever``: trying again will not help (it says this address does not exist)."""

    def __init__(self, reason: str, *, forever: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.forever = forever


class MailRail(Protocol):
    """What carries mail."""

    @property
    def name(self) -> str:
        """A word for settings and the operator's page."""
        ...

    @property
    def leaves_the_house(self) -> bool:
        """Whether there is something to send; without it mail stays in the outbox page."""
        ...

    def send(self, letter: Letter) -> None:
        """Hand over one letter. Raises ``NotDelivered``; returns only when the other side has taken it."""
        ...


def configured() -> MailRail:
    """The rail of this installation: ``smtp`` when MADANG_SMTP_HOST is set, else ``outbox``."""
    from django.conf import settings

    from madang.rails.mail.outbox import Outbox
    from madang.rails.mail.smtp import Smtp

    if not settings.EMAIL_HOST:
        return Outbox()
    return Smtp(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        tls=settings.EMAIL_USE_TLS,
        timeout_seconds=settings.EMAIL_TIMEOUT,
    )
