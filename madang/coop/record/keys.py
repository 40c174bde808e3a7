"""The key the record is signed with: made once, kept in the data folder, readable by its owner only."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from madang.kit.note import NoteError, Signer, Verifier

ENVIRONMENT = "MADANG_RECORD_KEY"


class KeyTrouble(RuntimeError):
    """The key that signed the record so far is not at hand: nothing is sealed until it is (restore it from the backup)."""


def path() -> Path:
    """Where the key lives when the environment does not give it."""
    return Path(settings.DATA) / "record.key"


def origin(slug: str = "") -> str:
    """The log's name: its address without scheme, as C2SP tlog-tiles asks. A local one, which many machines share, is told apart by ``slug``."""
    site = urlsplit(settings.SITE_URL)
    host = site.netloc.rpartition("@")[2] or "localhost"
    if slug and (site.hostname or "") in {"localhost", "127.0.0.1", "::1"}:
        host = f"{slug}.localhost" + (f":{site.port}" if site.port else "")
    return f"{host}{site.path.rstrip('/')}/record"


def signer() -> Signer | None:
    """The signing key, or None before there is one. Raises :class:`KeyTrouble` when it cannot be read."""
    text = os.environ.get(ENVIRONMENT, "")
    if not text:
        try:
            text = path().read_text("utf-8")
        except FileNotFoundError:
            return None
    try:
        return Signer.parse(text.strip())
    except NoteError as wrong:
        raise KeyTrouble(f"The record's signing key cannot be read: {wrong}") from None


def ensure(slug: str = "") -> Signer:
    """The signing key, made now if there is none and nothing was ever signed. Raises :class:`KeyTrouble` when the one that signed is gone."""
    from madang.coop.record.models import Checkpoint

    there = signer()
    signed_by = Checkpoint.objects.order_by("-size").values_list("key", flat=True).first()
    if there is None and signed_by is None:
        there = _make(Signer.generate(origin(slug)))
    if there is None or (signed_by is not None and signed_by != there.verifier.vkey):
        raise KeyTrouble(f"The record was signed with the key {signed_by}; bring that key back to {path()} (it is in the backup of the data folder).")
    return there


def _make(fresh: Signer) -> Signer:
    """Keep a new key; if another process was faster, its key counts."""
    target = path()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f"record.key.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(fresh.secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, target)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    kept = signer()
    if kept is None:
        raise KeyTrouble(f"The record's signing key could not be kept in {target}.")
    return kept


def verifier() -> Verifier | None:
    """The public key people check the record with, or None before there is one."""
    there = signer()
    return there.verifier if there else None
