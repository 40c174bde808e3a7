"""Which payment services this installation is connected to: from the environment, or from a file in the data folder that only its owner may read."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def read_stripe(environ: Any = os.environ) -> dict[str, Any] | None:
    """``{"key", "webhook_secrets", "base"}``, or None where no key is given.

    The environment (``STRIPE_SECRET_KEY``, ``STRIPE_WEBHOOK_SECRETS`` with commas, ``STRIPE_API_BASE``) goes before ``stripe.toml`` in the data
    folder (``secret_key``, ``webhook_secrets``). Raises ``ImproperlyConfigured`` for a file that others may read, or a key that is none.
    """
    found: dict[str, Any] = {}
    path = Path(environ.get("MADANG_DATA", "")) / "stripe.toml"
    if environ.get("MADANG_DATA") and path.is_file():
        if path.stat().st_mode & 0o077:
            raise ImproperlyConfigured(f"{path} holds a secret and others may read it: chmod 600 {path}")
        found = tomllib.loads(path.read_text())
    key = environ.get("STRIPE_SECRET_KEY") or found.get("secret_key", "")
    if not key or environ.get("MADANG_TESTING") == "1":
        return None
    if not str(key).startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        raise ImproperlyConfigured("STRIPE_SECRET_KEY is no secret key of Stripe's: it begins with sk_test_, sk_live_, rk_test_ or rk_live_")
    secrets = environ.get("STRIPE_WEBHOOK_SECRETS") or found.get("webhook_secrets", [])
    told = secrets.split(",") if isinstance(secrets, str) else secrets
    base = environ.get("STRIPE_API_BASE", "")
    if base and str(key).startswith(("sk_live_", "rk_live_")):
        raise ImproperlyConfigured("STRIPE_API_BASE is for trying things out: not with a live key")
    return {"key": str(key), "webhook_secrets": tuple(one.strip() for one in told if one.strip()), "base": base}


STRIPE = read_stripe()
