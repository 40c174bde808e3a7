"""Mail through a mail server (RFC 5321), with STARTTLS unless told otherwise."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from madang.rails.mail import Letter, NotDelivered


@dataclass(frozen=True)
class Smtp:
    """A mail server. One connection a letter: a job sends one, and a broken connection harms no other."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = True
    timeout_seconds: int = 20
    name: str = "smtp"
    leaves_the_house: bool = True

    def send(self, letter: Letter) -> None:
        """Hand over one letter. Raises ``NotDelivered``; ``forever`` for a 5xx answer about the address or the letter itself."""
        try:
            message = as_message(letter)
        except (ValueError, IndexError) as no:  # what the library calls an address that is none
            raise NotDelivered(str(no), forever=True) from no
        try:
            if self.tls and self.port == 465:
                server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_seconds, context=ssl.create_default_context())
            else:
                server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
            with server:
                if self.tls and self.port != 465:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as no:
            code, text = next(iter(no.recipients.values()))
            raise NotDelivered(f"{code} {_words(text)}", forever=code >= 500) from no
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as no:
            raise NotDelivered(f"{no.smtp_code} {_words(no.smtp_error)}", forever=isinstance(no, smtplib.SMTPDataError) and no.smtp_code >= 500) from no
        except (smtplib.SMTPException, OSError) as no:
            raise NotDelivered(f"{type(no).__name__}: {no}") from no


def as_message(letter: Letter) -> EmailMessage:
    """The letter as a message. A line break in a subject or an address is refused by the library's header rules, here made harmless."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(letter.subject.split())
    message["From"] = _address(letter.sender)
    message["To"] = _address(letter.to)
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{letter.id}@{_domain(letter.sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message["Content-Language"] = letter.language
    return message


def _address(text: str) -> Address | str:
    text = " ".join(text.split())
    return text if "<" in text else Address(addr_spec=text)


def _domain(sender: str) -> str:
    return sender.rstrip("> ").rpartition("@")[2] or "localhost"


def _words(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
