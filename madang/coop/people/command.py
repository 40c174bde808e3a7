"""``madang operator``: who keeps the machine running, named by whoever sits at it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from madang.coop.law.texts import in_the_terminals_language
from madang.coop.people import actions
from madang.coop.people.models import Person
from madang.coop.people.queries import by_email
from madang.kit.errors import Refused

Say = Callable[[str], None]


@in_the_terminals_language
def operator(email: str, remove: bool, say: Say) -> int:
    """Name an operator, or with ``remove`` one no longer; without an address list them. 0 when it is so now, 1 when it was refused."""
    if email:
        person = by_email(email.strip().lower())
        if person is None:
            say(_("Nobody here has this address. They sign in once with it, then they can be named."))
            return 1
        try:
            actions.make_operator(person, not remove)
        except Refused as no:
            say(str(no.message))
            return 1
    say(_("Operators:"))
    for one in Person.objects.filter(is_operator=True).order_by("name", "email"):
        say(f"  {one.name:<24} {one.email}")
    return 0
