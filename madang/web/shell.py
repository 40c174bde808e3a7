"""The frame around each page: where one can go from here, and what waits. Read once a request, and only when a page is drawn."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from madang.coop.members.queries import duties_of, is_member
from madang.coop.notices.queries import counts
from madang.coop.payments import rails
from madang.kit import house

log = logging.getLogger("madang.web")
MAIN_MAX = 6
FOOT_FROM = 90
MINE = ("person", "member", "operator")


@dataclass(frozen=True)
class Link:
    """One line of a menu; ``here`` marks the page one is on, ``count`` what waits there."""

    label: Any
    url: str
    here: bool = False
    count: int = 0


class Shell:
    """The menus of one reader. Audiences are checked by asking ``members``; what a page shows is still guarded by the page."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.person: Any = getattr(request, "user", None)
        self.signed_in = bool(self.person and self.person.is_authenticated)

    @cached_property
    def _member(self) -> bool:
        return self.signed_in and is_member(self.person, self.request.now)  # type: ignore[attr-defined]

    @cached_property
    def _duties(self) -> frozenset[str]:
        return duties_of(self.person, self.request.now)  # type: ignore[attr-defined]

    def _may_see(self, audience: str) -> bool:
        if audience == "all":
            return True
        if not self.signed_in:
            return False
        if audience.startswith("duty:"):
            return audience.removeprefix("duty:") in self._duties
        return {
            "person": lambda: True,
            "member": lambda: self._member,
            "operator": lambda: self.person.is_operator,
        }[audience]()

    @cached_property
    def _items(self) -> list[tuple[house.NavItem, Link]]:
        found = []
        for item in sorted(house.collect("navigation"), key=lambda item: item.order):
            if not self._may_see(item.audience):
                continue
            try:
                url = reverse(item.url_name)
            except NoReverseMatch:
                log.warning("navigation names a page that is not there: %s", item.url_name)
                continue
            found.append((item, Link(item.label, url, count=self._waiting(item.url_name))))
        here = max((link.url for _item, link in found if link.url != "/" and self.request.path.startswith(link.url)), key=len, default="")
        return [(item, replace(link, here=link.url == here)) for item, link in found]

    def _waiting(self, url_name: str) -> int:
        return {"notices:me": self.tasks, "notices:inbox": self.unread}.get(url_name, 0) if self.signed_in else 0

    def _links(self, *, mine: bool) -> list[Link]:
        return [link for item, link in self._items if (item.audience in MINE) == mine and (mine or item.order < FOOT_FROM)]

    @property
    def main(self) -> list[Link]:
        """The first places of the co-op, in the header."""
        return self._links(mine=False)[:MAIN_MAX]

    @property
    def more(self) -> list[Link]:
        """The other places of the co-op."""
        return self._links(mine=False)[MAIN_MAX:]

    @property
    def all(self) -> list[Link]:
        """All places of the co-op, for the phone's menu."""
        return self._links(mine=False)

    @property
    def mine(self) -> list[Link]:
        """The person's own pages."""
        return self._links(mine=True)

    @property
    def foot(self) -> list[Link]:
        """What stands at the foot of each page."""
        return [link for item, link in self._items if item.order >= FOOT_FROM and item.audience not in MINE]

    @cached_property
    def _counts(self) -> tuple[int, int]:
        return counts(self.person) if self.signed_in else (0, 0)

    @property
    def tasks(self) -> int:
        """How many things need this person."""
        return self._counts[0]

    @property
    def unread(self) -> int:
        """How many notices the person has not read."""
        return self._counts[1]

    @property
    def tasks_url(self) -> str:
        """Where what needs me is listed: the home page of someone signed in."""
        return reverse("web:home") + "#needs-me"

    languages = settings.LANGUAGES

    @property
    def pretends(self) -> bool:
        """Whether payments go to a pretend bank: a demo says so itself, a real co-op must say it on each page."""
        return rails.pretends() or (rails.default().pretend and rails.default().name != rails.PRETEND)

    @property
    def wheel(self) -> str:
        """Where one turn of the wheel is walked: a demo's, about the visits of the platform *services*."""
        return reverse("web:wheel") if house.lives("services") else ""

    @property
    def source(self) -> str:
        """Where the source of this very program is."""
        return reverse("web:source")

    @cached_property
    def personas(self) -> list[house.Persona]:
        """Whom a visitor of a demo may be."""
        return sorted(house.collect("personas"), key=lambda persona: persona.order)

    @property
    def persona(self) -> str:
        """Whom this visitor of a demo is now."""
        return str(self.request.session.get("persona", "")) if hasattr(self.request, "session") else ""
