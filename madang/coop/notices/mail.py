"""Mail: a row written with what it tells about, a job that sends it after the commit.

Django's own mail (the sign-in codes) passes through ``OutboxBackend`` into the same outbox.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from madang.coop import law
from madang.coop.law import clock
from madang.coop.law.texts import in_language
from madang.coop.notices import texts
from madang.coop.notices.models import Mail
from madang.coop.people.door import CODE_HEADER
from madang.coop.people.models import Person
from madang.coop.people.zones import zone
from madang.rails.mail import Letter, NotDelivered, configured

SUBJECT_MAX, TEXT_MAX, ERROR_MAX = 300, 20_000, 500
ATTEMPTS_MAX = 8
SECRET_HEADER = CODE_HEADER  # put it on an EmailMessage whose text lets its reader in: it is hidden and soon forgotten
log = logging.getLogger(__name__)


def write(person: Person, message: str, *, params: Mapping[str, Any], url: str, now: datetime) -> Mail | None:
    """Write the mail for a declared message, in the person's language and time zone, linking to the thing itself.

    ``params`` are packed ones. None when the person has no address or is gone. Call it inside the transaction it tells about.
    """
    if not person.email or not person.is_active:
        return None
    with translation.override(person.language), timezone.override(zone(person.time_zone)):
        coop = law.coop_or_none()
        name = in_language(coop.name) if coop else "Madang"
        parts = [texts.body(message, params) or texts.title(message, params)]
        if url:
            parts.append(gettext("Open it here:") + f"\n{settings.SITE_URL.rstrip('/')}{url}")
        parts.append(f"-- \n{name}\n" + gettext("You get this because it needs you or concerns your money or your vote."))
        subject, text = texts.title(message, params), "\n\n".join(parts)
        return _put(person, person.email, person.language, subject, text, secret=False, named=texts.named(params), now=now)


@transaction.atomic(savepoint=False)  # as the notice it carries
def _put(
    person: Person | None, to: str, language: str, subject: str, text: str, *, secret: bool, named: Mapping[str, str] | None = None, now: datetime
) -> Mail:
    leaves = configured().leaves_the_house
    mail = Mail.objects.create(
        person=person, to=to, language=language, subject=" ".join(subject.split())[:SUBJECT_MAX], text=text[:TEXT_MAX], secret=secret,
        named=dict(named or {}), state=Mail.WAITING if leaves else Mail.KEPT, written_at=now,
    )  # fmt: skip
    if leaves:
        _later(mail)
    return mail


def _later(mail: Mail) -> None:
    from madang.coop.notices.tasks import deliver

    deliver.defer(mail_id=str(mail.pk))  # in the same transaction: no commit, no mail


def send(mail_id: UUID) -> bool:
    """Hand one waiting mail to the rail; not inside a transaction. True when it left now, False when there was nothing to do.

    Raises ``NotDelivered`` when it is worth trying again; after 8 attempts, or when the server says never, the mail is ``failed``.
    """
    mail = Mail.objects.filter(pk=mail_id, state=Mail.WAITING).first()
    if mail is None:
        return False
    letter = Letter(str(mail.pk), settings.DEFAULT_FROM_EMAIL, mail.to, mail.subject, mail.text, mail.language)
    try:
        configured().send(letter)
    except NotDelivered as no:
        mail.attempts += 1
        mail.last_error = no.reason[:ERROR_MAX]
        if no.forever or mail.attempts >= ATTEMPTS_MAX:
            mail.state = Mail.FAILED
        mail.save(update_fields=["attempts", "last_error", "state"])
        if mail.state == Mail.FAILED:
            log.warning("mail %s was given up: %s", mail.pk, no.reason)
            return False
        raise
    mail.attempts += 1
    mail.state, mail.sent_at, mail.last_error = Mail.SENT, clock.now(), ""
    if mail.secret:
        mail.subject = mail.text = ""
    mail.save(update_fields=["attempts", "state", "sent_at", "last_error", "subject", "text"])
    return True


@transaction.atomic
def send_again(mail: Mail) -> None:
    """An operator wants a failed mail tried again, from the start."""
    if Mail.objects.filter(pk=mail.pk, state=Mail.FAILED).update(state=Mail.WAITING, attempts=0):
        _later(mail)


class OutboxBackend(BaseEmailBackend):
    """Django's mail becomes rows of the outbox, one a recipient, sent through the same job."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them down. How many messages were taken."""
        now, language = clock.now(), translation.get_language() or settings.LANGUAGE_CODE
        for message in email_messages:
            secret = CODE_HEADER in message.extra_headers
            for to in message.recipients():
                person = Person.objects.filter(email=to.strip().lower()).first()
                _put(person, to, language, str(message.subject), str(message.body), secret=secret, now=now)
        return len(email_messages)
