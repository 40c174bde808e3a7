"""What charter adds to the house."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from madang.coop import law
from madang.coop.charter import command
from madang.coop.charter.actions import accept, open_if_ready, renew_link
from madang.coop.charter.models import FounderInvitation
from madang.coop.law.models import Coop
from madang.coop.members.models import Membership
from madang.coop.people.models import Person
from madang.kit.house import Check, Command, Message, Personal

messages = [Message("charter.opened", _("{coop} is open"), _("Enough founders have accepted and paid. From now on it can trade."), urgent=True)]


def _after_joining(membership: Membership, *, now: datetime) -> None:
    """A founder has paid: perhaps that was the last one the law waits for."""
    if law.coop().state == Coop.FORMING:
        open_if_ready(now=now)


joined = [_after_joining]


def _found_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("charter", type=Path, help="a charter, such as charters/upandgo.toml")
    parser.add_argument("--check", action="store_true", help="only read it and say what is wrong, found nothing")


def _found(args: argparse.Namespace) -> int:
    return command.check_file(args.charter, print) if args.check else command.found_file(args.charter, print)


def _link_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", nargs="?", default="", help="a founder who needs a new link; without it: who has accepted and paid")


def _founders(args: argparse.Namespace) -> int:
    return command.founders(args.email, print)


commands = [
    Command("found", "found the co-op of a charter and print the founders' links", _found_arguments, _found),
    Command("founders", "how far the founding is; with an address: a new link for that founder", _link_arguments, _founders),
]


def _open_demo(progress: Callable[..., Any], scale: int, now: datetime) -> None:
    """The founders of a demo accept and pay as people do: by their links, through the sandbox, an hour apart."""
    from madang.coop.capital.actions import buy_shares
    from madang.coop.payments import sandbox

    coop = law.coop()
    rows = list(FounderInvitation.objects.filter(accepted_at=None).select_related("person"))
    for number, row in enumerate(rows):
        moment = min(coop.founded_at + timedelta(hours=number + 1), now)
        membership = accept(renew_link(row.person.email or "", now=moment).path.split("/")[2], now=moment)
        if membership.state == "admitted":
            charge = buy_shares(membership, membership.member_class.min_shares, row.person, now=moment)
            sandbox.pay(charge, now=moment)
        progress(_("Founders accept and pay"), (number + 1) * 100 // len(rows))


demo = [_open_demo]


def _export(person: Person) -> list[dict[str, Any]]:
    """That someone is a founder and when they accepted."""
    return [{"kind": "founder", "invited_at": row.created_at, "accepted_at": row.accepted_at} for row in FounderInvitation.objects.filter(person=person)]


def _erase(person: Person, *, now: datetime) -> None:
    """The founder's link stops working; that there was a founder stays, without a name. The charter's text is blanked of them."""
    for row in FounderInvitation.objects.filter(person=person):
        row.token_hash = f"erased-{row.pk}"
        row.save(update_fields=["token_hash"])
    command.blank_founder(person)


personal = [
    Personal(
        _("founding"), _export, _erase,
        _("That a founder accepted, and when, stays as long as the co-op; your name and address in the charter's text are blanked when you erase your data."),
        ("charter.FounderInvitation", "law.Coop"),
    )
]  # fmt: skip


def _open_means_ready() -> list[str]:
    """An open co-op was opened once, after its founding."""
    coop = Coop.objects.first()
    if coop is None or coop.state == Coop.FORMING:
        return []
    early = coop.opened_at is None or coop.opened_at < coop.founded_at
    return ["the co-op opened before it was founded"] if early else []


checks = [Check("charter: opened after founding", _open_means_ready)]
