"""Numbers of people at rest: encrypted with a key that only this installation has (beside the database, not in it)."""

from __future__ import annotations

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _

from madang.kit.errors import Refused


def _key() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(sha256(b"madang.tax.sealing.v1" + settings.SECRET_KEY.encode()).digest()))


def seal(text: str) -> bytes:
    """Encrypted and authenticated."""
    return _key().encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """What was sealed. Raises ``Refused("sealed")`` when this installation's secret is another one by now."""
    try:
        return _key().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise Refused("sealed", _("This can no longer be read: the secret of this installation has changed. Please enter it again.")) from None
