"""What must always be true of music's money, looked for by ``madang check``."""

from __future__ import annotations

from django.db.models import F, Sum

from madang.coop.ledger.models import Account
from madang.platforms.music import states, terms
from madang.platforms.music.models import Settlement, Wallet


def wallets() -> list[str]:
    """A wallet is what was put in less what its plays cost; the books hold the same, but for plays that are not settled yet."""
    rows = Account.objects.filter(kind="wallet", unit=terms.unit()).annotate(total=Sum(F("balances__credits") - F("balances__debits")))
    books = dict(rows.values_list("owner", "total"))
    found = []
    for wallet in Wallet.objects.all().iterator():
        there = books.get(f"person:{wallet.person_id}") or 0
        if there != wallet.funded - wallet.settled:
            found.append(f"wallet {wallet.pk}: the books hold {there}, the wallet {wallet.funded - wallet.settled}")
    return found


def months() -> list[str]:
    """The lines of a settlement add up to its artists' side and floor, the earnings of a line to the line."""
    found = []
    for one in Settlement.objects.exclude(state=states.OPEN).annotate(lines_=Sum("lines__amount"), floors=Sum("lines__floor")):
        if (one.lines_ or 0, one.floors or 0) != (one.artists, one.floor):
            found.append(f"{one}: its lines come to {one.lines_} and {one.floors}, not {one.artists} and {one.floor}")
        earned = one.lines.filter(earnings__let_go_at=None).aggregate(total=Sum("earnings__amount"))["total"] or 0
        if earned != one.artists + one.floor:
            found.append(f"{one}: its parties got {earned} of {one.artists + one.floor}")
    return found
