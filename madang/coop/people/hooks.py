"""What people adds to the house."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _

from madang.coop.people import command
from madang.coop.people.actions import forget_account, sessions_of
from madang.coop.people.models import Person, Work
from madang.kit.house import Command, NavItem, Personal


def _operator_arguments(parser: Any) -> None:
    parser.add_argument("email", nargs="?", default="", help="the address they sign in with; without it, who they are")
    parser.add_argument("--remove", action="store_true", help="they are no operator any more")


commands = [
    Command(
        "operator", "name who keeps the machine running and sees the operator's page, or with --remove one no longer", _operator_arguments,
        lambda args: command.operator(args.email, args.remove, print),
    )
]  # fmt: skip

navigation = [NavItem(_("Settings"), "people:settings", order=90, audience="person")]


def _export(person: Person) -> list[dict[str, Any]]:
    account = {
        "kind": "account", "id": str(person.pk), "email": person.email, "name": person.name, "language": person.language,
        "time_zone": person.time_zone, "created_at": person.created_at, "last_sign_in": person.last_login,
    }  # fmt: skip
    addresses = EmailAddress.objects.filter(user=person).order_by("pk")
    keys = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).order_by("pk")
    work = Work.objects.filter(person=person).select_related("organisation").order_by("since")
    return [
        account,
        *({"kind": "address", "email": a.email, "confirmed": a.verified} for a in addresses),
        *({"kind": "passkey", "name": k.wrap().name, "added_at": k.created_at, "used_at": k.last_used_at} for k in keys),
        *({"kind": "key for a program", "name": t.name, "made_at": t.made_at, "used_at": t.used_at} for t in person.tokens.order_by("made_at")),
        *({"kind": "session", "until": one.expire_date} for one in sessions_of(person)),
        *({"kind": "work", "organisation": w.organisation.name, "role": w.role, "since": w.since, "until": w.until} for w in work),
    ]


personal = [
    Personal(
        "people", _export, forget_account,
        _("While you have an account. Then only a number that leads to nobody, because the books must keep adding up."),
        ("people.Person", "people.Work", "people.Token", "sessions.Session", "account.EmailAddress", "mfa.Authenticator"),
    )
]  # fmt: skip
