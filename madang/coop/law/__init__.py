"""What the law allows, and the co-op as a legal person."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from madang.kit.errors import Missing, Refused

if TYPE_CHECKING:
    from madang.coop.law.models import Coop
    from madang.coop.law.profiles import Profile


class _Memory(threading.local):
    """The co-op's row as this thread read it, and for how long that reading may be trusted."""

    row: Coop | None = None
    in_request: bool = False
    sentinel: Callable[[], None] | None = None


_memory = _Memory()


def coop_or_none() -> Coop | None:
    """The co-op of this installation, or None before it is founded.

    Read once a request (or once in :func:`one_reading`), or once a transaction outside of them: a transaction that was rolled back forgets what it read.
    """
    if _memory.row is not None and (_same_transaction() if _memory.sentinel else _memory.in_request):
        return _memory.row
    from madang.coop.law.models import Coop

    row = Coop.objects.defer("charter_text").first()  # ten kilobytes that hardly anyone reads
    if row is not None:
        _remember(row)
    return row


def coop() -> Coop:
    """The co-op of this installation. Raises ``Missing`` before it is founded."""
    found = coop_or_none()
    if found is None:
        raise Missing("no co-op is founded here")
    return found


def require_open() -> Coop:
    """The co-op, when it may trade. Raises ``Refused("forming")`` while its founders have not all accepted and paid, ``Missing`` before founding."""
    from django.utils.translation import gettext_lazy as _

    found = coop()
    if found.state != found.OPEN:
        message = _("This co-op is still being founded. Things can be prepared; it can trade once its founders have accepted and paid their shares.")
        raise Refused("forming", message)
    return found


def profile(key: str | None = None) -> Profile:
    """The law profile with this key, or the co-op's own. Raises ``Missing`` for an unknown one."""
    from madang.coop.law import profiles

    return profiles.profile(key or coop().law)


def forget(*args: Any, **kwargs: Any) -> None:
    """Read the co-op's row anew next time (called when it is written, and where a request begins and ends)."""
    _memory.row = None
    _memory.sentinel = None


def request_began(*args: Any, **kwargs: Any) -> None:
    """From here to the end of the request one reading is enough."""
    forget()
    _memory.in_request = True


def request_ended(*args: Any, **kwargs: Any) -> None:
    """Nothing is carried from one request to the next."""
    forget()
    _memory.in_request = False


@contextmanager
def one_reading() -> Iterator[None]:
    """One reading is enough for all that is done inside, as in a request (inside of which it changes nothing)."""
    if _memory.in_request:
        yield
        return
    request_began()
    try:
        yield
    finally:
        request_ended()


def _remember(row: Coop) -> None:
    from django.db import connection

    _memory.row, _memory.sentinel = row, None
    if connection.in_atomic_block and not connection.needs_rollback:
        # Django drops a transaction's on-commit functions when it is rolled back and when it is over: while ours still
        # waits there, it is the same transaction, or a savepoint of it that still stands.
        def sentinel() -> None:
            forget()

        _memory.sentinel = sentinel
        connection.on_commit(sentinel)


def _same_transaction() -> bool:
    from django.db import connection

    wanted = _memory.sentinel
    return wanted is not None and connection.in_atomic_block and any(waiting[1] is wanted for waiting in connection.run_on_commit)
