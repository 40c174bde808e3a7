"""Bugs put in on purpose: ``python -m tests.site.simulate_bugs BUG …`` is ``madang simulate …`` with one of them in the program.

Nothing of this is in the product: each replaces a function of the running program, before the workers are forked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def repeats_book_again() -> None:
    """Whatever is booked a second time under its key is booked a second time."""
    from dataclasses import replace

    from madang.coop.ledger import booking

    plain = booking.write_one

    def write_one(posting: Any, now: Any) -> Any:
        return plain(posting, now) or plain(replace(posting, key=f"{posting.key}+"), now)

    booking.write_one = write_one


def payouts_go_out_again() -> None:
    """A payout that is asked for a second time with the same key is sent a second time."""
    from madang.coop.payments import actions, outgoing

    plain = outgoing.pay_out

    def pay_out(owner: str, amount: int, unit: str, *, key: str, **more: Any) -> Any:
        from madang.coop.payments.models import Payout

        again = Payout.objects.filter(key__startswith=key).count()
        return plain(owner, amount, unit, key=f"{key}+{again}" if again else key, **more)

    actions.pay_out = outgoing.pay_out = pay_out


def split_of_today() -> None:
    """A job is shared by the split that is in force when it is released, not when it was booked."""
    from madang.platforms.services import rules, terms

    plain = terms.of

    def of(job: Any, rule: Any) -> Any:
        return rule.at(job.checked_out_at or job.booked_at) if rule is rules.split else plain(job, rule)

    terms.of = of


def releases_round_up() -> None:
    """Parts are rounded up one by one, and the last one bears it."""
    from madang.coop.ledger import splits

    def parts(total: int, wanted: Any, salt: str) -> dict[str, int]:
        names = dict(wanted)
        made = {name: -(-total * share.numerator // share.denominator) for name, share in names.items()}
        *_first, last = names
        made[last] -= sum(made.values()) - total
        return made

    splits.largest_remainder = parts  # type: ignore[assignment]


def promises_count_for_nothing() -> None:
    """A promise that is made leaves the rest of it standing although it was let go."""
    from madang.coop.ledger import pendings

    plain = pendings.post_pending

    def post_pending(pending: Any, *, keep_rest: bool = False, **more: Any) -> Any:
        return plain(pending, keep_rest=True, **more)

    pendings.post_pending = post_pending


def forgets_stored_messages() -> None:
    """Nobody looks for messages of the rail that were stored and not acted on, nor asks about charges nobody heard of."""
    from madang.coop.payments import hooks

    hooks.due = [one for one in hooks.due if "web hooks" not in one.name and "nobody heard" not in one.name]


ALL = (repeats_book_again, payouts_go_out_again, split_of_today, releases_round_up, promises_count_for_nothing, forgets_stored_messages)
BUGS: dict[str, Callable[[], None]] = {one.__name__: one for one in ALL}


def main() -> int:
    bug, *rest = sys.argv[1:]
    from madang.site.simulate import command

    plain = command.warm

    def warm() -> None:
        plain()
        BUGS[bug]()

    command.warm = warm
    return command.main(rest)


if __name__ == "__main__":
    sys.exit(main())
