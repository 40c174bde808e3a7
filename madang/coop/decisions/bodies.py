"""Which body the law lets decide a subject: all members by a vote here, a general meeting (of delegates, in a large co-op), or the board.

The law profile lists, dated and cited, what belongs to a general meeting (``meeting.general.decides``) and to the board (``board.decides``); a kind of
decision says which of those words it is (``Kind.subject``). What is a meeting's waits for one, unless members decided to prepare it here: docs/decisions/220.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madang.coop import law
from madang.coop.decisions import kinds, lawful
from madang.coop.decisions.rules import meeting_only
from madang.coop.members import queries as members
from madang.coop.members.models import Office

MEMBERS, MEETING, BOARD = "members", "meeting", "board"
NEVER_DELEGATES = {"merger", "division", "dissolution"}


@dataclass(frozen=True)
class Body:
    """Who decides: ``key`` "members", "meeting" or "board"; ``delegates``: a delegates' meeting may stand in for it. Without a citation no law says so."""

    key: str
    title: str
    citation: str = ""
    url: str = ""
    subject: str = ""
    delegates: bool = False


def of(kind: str, at: datetime, details: Mapping[str, Any] | None = None) -> Body:
    """Which body decides a proposal of this kind at ``at``. Electing to an office the law does not know is the members' own affair. A query at most,
    two more where it is a meeting's. Raises ``Missing`` for an unknown kind."""
    subject = kinds.get(kind).subject
    if not subject:
        return Body(MEMBERS, _("All members, by a vote here"))
    board = law.profile().bound("board.decides", at)
    if subject in str(board.value).split():
        return Body(BOARD, _("The board"), board.citation, board.url, subject)
    bound = law.profile().bound("meeting.general.decides", at)
    if subject not in str(bound.value).split() or (subject == "officers" and details and not _an_officer(details)):
        return Body(MEMBERS, _("All members, by a vote here"), subject=subject)
    above = law.profile().bound("delegates.above", at)
    delegates = bool(above.citation) and subject not in NEVER_DELEGATES and members.members_count(at) > above.number()
    title = _("A general meeting, or a delegates' meeting") if delegates else _("A general meeting")
    return Body(MEETING, title, bound.citation, bound.url, subject, delegates)


def _an_officer(details: Mapping[str, Any]) -> bool:
    return not Office.objects.filter(key=str(details.get("office", "")), role="").exists()


def notice(kind: str, at: datetime, details: Mapping[str, Any] | None = None) -> str:
    """What to know before proposing it and beside its result, in a sentence; nothing where the members decide here."""
    body = of(kind, at, details)
    if body.key == MEMBERS:
        return ""
    if body.key == BOARD:
        said = _("In law this is for the board to carry out ({citation}). What the members decide here, the board does.")
        return said.format(citation=lawful.cited(law.profile().bound("board.decides", at)))
    said = _("The law leaves this to: {title} ({citation}). It is discussed here, and put to the vote at one.")
    if not meeting_only.at(at).value:
        said = _(
            "The law leaves this to: {title} ({citation}). A vote here prepares it; hold the meeting and let it confirm the result before it takes effect."
        )
    return said.format(title=body.title, citation=lawful.cited(law.profile().bound("meeting.general.decides", at)))


def meeting_decides(kind: str, at: datetime, details: Mapping[str, Any] | None = None) -> bool:
    """Whether a proposal of this kind waits for a meeting: the law leaves it to one, and the members want such votes held at meetings only."""
    return of(kind, at, details).key == MEETING and bool(meeting_only.at(at).value)


def leaf(kind: str, at: datetime, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """For the leaf of the opening: that the law leaves it to a meeting or to the board, and where that is written; nothing where it does not."""
    body = of(kind, at, details)
    return {"body": {"key": body.key, "citation": body.citation}} if body.key != MEMBERS else {}
