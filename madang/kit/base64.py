"""Base64 with one spelling for each value."""

from __future__ import annotations

import binascii


def encode(data: bytes) -> str:
    """RFC 4648 §4, with padding, on one line."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of ``text``. Raises ``ValueError`` unless it is written exactly as :func:`encode` would write them."""
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as wrong:
        raise ValueError(f"not base64: {wrong}") from None
    if encode(data) != text:
        raise ValueError("base64 with stray bits at its end")
    return data
