"""``madang found`` and ``madang founders``: what the person at the terminal sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.charter import actions, blanking, queries, reader
from madang.coop.charter.models import FounderInvitation
from madang.coop.charter.problems import BadCharter
from madang.coop.law import clock
from madang.coop.law.models import Coop
from madang.coop.law.texts import in_language, in_the_terminals_language
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.mail import configured

Say = Callable[[str], None]
DEMO_PAST = timedelta(days=92)


@in_the_terminals_language
def found_file(charter: Path, say: Say, *, backdate: bool = False) -> int:
    """Found the co-op of this file and print the founders' links. 0 when founded, 1 when refused (and then nothing was written).

    ``backdate`` (a demo's founding lies three months back, so that it can have a past) counts only for ``demo = true``.
    """
    now = clock.now()
    try:
        read = reader.read_file(charter, now=now)
    except BadCharter as no:
        return _bad(no, say)
    moment = now - DEMO_PAST if backdate and read.demo else now
    try:
        coop, links = actions.found(read, now=moment)
    except Refused as no:
        say(str(no.message))
        return 1
    name, needed = in_language(coop.name), queries.progress(moment).needed
    say(_("{name} is founded. It opens when {count} founders have accepted and paid.").format(name=name, count=needed))
    if coop.demo:
        say(_("These are the founders' links of the demo:"))
    else:
        say(_("Each founder got their link by mail. Here they are once more; after this they cannot be shown again (madang founders ADDRESS makes a new one):"))
        if not configured().leaves_the_house:
            say(_("No mail server is set (MADANG_SMTP_HOST): nobody can sign in until there is one, since codes come by mail. See docs/operating.md."))
    for link in links:
        say(f"  {link.person.name:<24} {settings.SITE_URL.rstrip('/')}{link.path}")
    return 0


@in_the_terminals_language
def check_file(charter: Path, say: Say) -> int:
    """Read this file and say what is wrong with it; found nothing. 0 when it could be founded."""
    try:
        read = reader.read_file(charter, now=clock.now())
    except BadCharter as no:
        return _bad(no, say)
    say(_("{file}: this charter is sound. {name} could be founded from it.").format(file=charter, name=in_language(read.name)))
    return 0


@in_the_terminals_language
def founders(email: str, say: Say) -> int:
    """How far the founding is; with an address, a new link for that founder."""
    if law.coop_or_none() is None:
        say(_("No co-op is founded here yet."))
        return 1
    if email:
        try:
            link = actions.renew_link(email, now=clock.now())
        except Missing:
            say(_("No founder has this address."))
            return 1
        say(f"{settings.SITE_URL.rstrip('/')}{link.path}")
        return 0
    progress = queries.progress(clock.now())
    for one in progress.founders:
        state = _("accepted and paid") if one.ready else _("accepted, has not paid") if one.accepted else _("has not accepted yet")
        say(f"  {one.person!s:<24} {state}")
    say(_("{ready} of {needed}").format(ready=progress.ready, needed=progress.needed))
    return 0


def blank_founder(person: Person) -> None:
    """Take an erased founder's name and address out of the kept text of the charter. Its hash in the record stays what it was."""
    coop = Coop.objects.select_for_update().first()
    if coop is None:
        return
    text = coop.charter_text
    for number in FounderInvitation.objects.filter(person=person).values_list("order", flat=True):
        text = blanking.without_founder(text, number)
    if text != coop.charter_text:
        coop.charter_text = text
        coop.save(update_fields=["charter_text"])


def _bad(no: BadCharter, say: Say) -> int:
    for problem in no.problems:
        say(str(problem))
    say(_("Nothing was founded. Mistakes: {count}. Every key is explained in docs/charter.md.").format(count=len(no.problems)))
    return 1
