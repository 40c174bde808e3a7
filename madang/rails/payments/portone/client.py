"""The official SDK, held so that it does what we need: one HTTP client, our idempotency keys, its errors in two kinds.

The SDK (0.21) sends no ``Idempotency-Key``, which PortOne's REST API knows (16 to 256 letters, digits, ``-`` and ``_``; the same answer for the same
key: developers.portone.io/api/rest-v2). So its HTTP client is ours, which adds the key of the call that is under way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from madang.rails.payments import RailError

_key: ContextVar[str] = ContextVar("portone_key", default="")
SECONDS = 20


@dataclass(frozen=True)
class Settings:
    """What PortOne's console gives a shop: API secret, shop and channel, secret of the web hooks, contract of the partner settlement.

    ``fee_basis_points``: what the PG keeps of a payment by the co-op's contract (PortOne itself does not tell), 330 is 3.3 %.
    """

    secret: str
    store: str
    channel: str
    webhook_secret: str
    contract: str = ""
    fee_basis_points: int = 0
    url: str = "https://api.portone.io"
    test: bool = False


@dataclass(frozen=True)
class Clients:
    """The parts of the SDK we use."""

    payment: Any
    transfer: Any
    partner: Any


@lru_cache(maxsize=4)
def clients(settings: Settings) -> Clients:
    """The SDK's clients over one HTTP client. Imported when first needed: it is large."""
    import httpx
    from portone_server_sdk import PartnerClient, PaymentClient, TransferClient

    http = httpx.Client(timeout=SECONDS, event_hooks={"request": [_with_key]})
    payment = PaymentClient(secret=settings.secret, base_url=settings.url, store_id=settings.store)
    made = Clients(payment, *(kind(secret=settings.secret, base_url=settings.url) for kind in (TransferClient, PartnerClient)))
    for one in (made.payment, made.transfer, made.partner):
        one._sync_client = http
    return made


def _with_key(request: Any) -> None:
    if (key := _key.get()) and request.method != "GET":
        request.headers["Idempotency-Key"] = key


def idempotency_key(key: str) -> str:
    """A key of ours in the letters PortOne takes."""
    return "m-" + hashlib.sha256(key.encode()).hexdigest()


@contextmanager
def asking(key: str = "") -> Iterator[None]:
    """A call to PortOne under our ``key``. What is no answer (the line is cut, a 500, a shape nobody knows, our own secret is wrong) becomes a
    :class:`RailError`: nothing is known, ask again. What PortOne refuses with a reason stays the SDK's own error."""
    import httpx
    from portone_server_sdk.errors import ForbiddenError, UnauthorizedError, UnknownError

    token = _key.set(idempotency_key(key) if key else "")
    try:
        yield
    except (httpx.HTTPError, UnknownError, UnauthorizedError, ForbiddenError, ValueError) as error:
        raise RailError(f"PortOne: {type(error).__name__}") from error
    finally:
        _key.reset(token)
