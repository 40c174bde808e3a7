"""Where this house is: the port it listens at, the address people type, the address we ask ourselves at."""

from __future__ import annotations

from collections.abc import Mapping

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (what to ask when it listens on all addresses)
PORT = 8000


def port(text: str) -> int:
    """A port that can be listened at. Raises ``ValueError``, in words."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) < 65_536:
        raise ValueError(f"a port is a number from 1 to 65535, not {text[:40]!r}")
    return int(text)


def host(environ: Mapping[str, str]) -> str:
    """The address to listen on."""
    return environ.get("MADANG_HOST") or "127.0.0.1"


def within(environ: Mapping[str, str]) -> str:
    """The host part at which this machine reaches what listens on :func:`host`."""
    found = EVERYWHERE.get(host(environ), host(environ))
    return f"[{found}]" if ":" in found else found


def site_url(environ: Mapping[str, str]) -> str:
    """What people type: ``MADANG_URL``, or the host and port it listens on ("localhost" where that is this machine, as passkeys want it)."""
    if named := environ.get("MADANG_URL"):
        return named
    at = within(environ)
    return f"http://{'localhost' if at in ('127.0.0.1', '[::1]') else at}:{environ.get('PORT') or PORT}"
