"""Small texts people type, as lines: credits, and the parties of a split."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.platforms.music import states
from madang.platforms.music.actions.splitting import Wish
from madang.platforms.music.models import Agreement, Artist


def credit(line: str) -> tuple[str, str]:
    """ "Noor Haddad, bass" as (name, role)."""
    name, _comma, role = line.partition(",")
    return name.strip(), role.strip()


def wishes(text: str) -> list[Wish]:
    """Lines of "address or @artist, part, role" as parties. Raises ``Refused`` (``parties``) with the line that cannot be read."""
    found = []
    for line in (one.strip() for one in text.splitlines()):
        if not line:
            continue
        who, _comma, rest = line.partition(",")
        part, _comma, role = rest.partition(",")
        weight = part.strip().rstrip("%").strip()
        if not weight.isdecimal() or len(weight) > 7:
            raise Refused("parties", _('"%(line)s": please write who, a comma, and a whole number.') % {"line": line[:60]}, "parties")
        person, artist = None, None
        if who.strip().startswith("@"):
            artist = Artist.objects.filter(slug=who.strip()[1:].lower()).first()
        else:
            person = Person.objects.filter(email=who.strip().lower(), is_active=True).first()
        if person is None and artist is None:
            raise Refused("parties", _("%(who)s is nobody who has signed in here. Ask them to, then propose it again.") % {"who": who.strip()[:60]}, "parties")
        found.append(Wish(int(weight), person, artist, role.strip()[:60]))
    return found


def parties_text(agreements: Sequence[Agreement]) -> str:
    """The split that holds, as it would be typed."""
    held = next((one for one in agreements if one.state == states.AGREED), None)
    if held is None:
        return ""
    lines = []
    for party in held.parties.all():
        who = f"@{party.artist.slug}" if party.artist else (party.person.email if party.person else "")
        lines.append(", ".join(part for part in (who or "", str(party.weight), party.role) if part))
    return "\n".join(lines)
