"""Letters with a secret link, to people who may not be here yet. They pass through the outbox; their text is not kept once sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.law.texts import in_language
from madang.coop.notices.mail import SECRET_HEADER


def send(to: str, subject: Any, body: Any, *, words: Mapping[str, str], url: str, language: str) -> None:
    """Write one letter into the outbox, in ``language``; it leaves after the commit.

    ``subject`` and ``body`` are lazy texts with ``{placeholders}`` that ``words`` fill; ``url`` is a path of this site.
    """
    with translation.override(language):
        coop = law.coop_or_none()
        name = in_language(coop.name, language) if coop else "Madang"
        text = "\n\n".join([str(body).format(**words), f"{_('Open it here:')}\n{settings.SITE_URL.rstrip('/')}{url}", f"-- \n{name}"])
        EmailMessage(str(subject).format(**words), text, to=[to], headers={SECRET_HEADER: "1"}).send()
