"""The articles of association: a text the members hold as a rule, changed by the kind of decision ``articles`` and by nothing else.

Being a rule, every version has the decision that set it, stands in the record and is checked by ``madang verify``. Why not a table of its
own: docs/decisions/260.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from madang.coop import law, rules
from madang.coop.decisions import lawful
from madang.coop.law.profiles import Bound
from madang.coop.rules import queries, reading
from madang.coop.rules.models import RuleVersion
from madang.kit import difference
from madang.kit.errors import Refused
from madang.kit.ruletypes import Articles, WayOfDeciding

KEY, KIND = "articles.text", "articles"
TYPE = Articles()
VERSIONS_SHOWN, VERSIONS_ASKED = 100, 20

text = rules.declare(
    KEY,
    TYPE,
    default="",
    title=gettext_lazy("Articles of association"),
    help=gettext_lazy("The words the members founded the co-op on and hold each other to."),
    decided_by=("articles", "constitution", "policy"),
    group=gettext_lazy("How we decide"),
)


def require_special(way: WayOfDeciding, at: datetime) -> None:
    """Raise ``Refused("law")`` where the law asks for more than this way does to change the articles: a special resolution and its quorum."""
    special, quorum = law.profile().bound("resolution.special", at), law.profile().bound("resolution.quorum", at)
    if not special.citation or (way.majority >= special.fraction() and way.quorum >= quorum.fraction()):
        return
    said = _("The law asks for more than this way of deciding does: {part} of those who vote, {quorum} of all taking part ({citation}). Decide on that first.")
    raise Refused("law", said.format(part=special.fraction(), quorum=quorum.fraction(), citation=lawful.cited(special)))


def change_needs(at: datetime) -> Bound | None:
    """What an authority has to do before a change holds in law ("report", "authorisation", "registration"); None where no law says."""
    bound = law.profile().bound("articles.change_needs", at)
    return bound if bound.value else None


def authority_says(at: datetime) -> str:
    """The same as a sentence with its citation; "" where no law says."""
    bound = change_needs(at)
    if bound is None:
        return ""
    words = {
        "report": _("In law it holds once it has been reported to the authority ({citation}). Send it the decision and the new text."),
        "authorisation": _("In law it holds once the authority has authorised it ({citation}). Ask it with the decision and the new text."),
        "registration": _("In law it holds once it is registered ({citation}). Send the registrar the decision and the new text."),
    }
    return words[str(bound.value)].format(citation=lawful.cited(bound))


@dataclass(frozen=True)
class Piece:
    """A piece of the page: an article that differs, or several in a row that do not (``pieces``, folded)."""

    same: bool
    pieces: Sequence[difference.Piece]

    @property
    def few(self) -> int:
        """How many."""
        return len(self.pieces)


@dataclass(frozen=True)
class Difference:
    """Both versions side by side, what did not change folded; and in a sentence how much changed. ``first``: there was nothing before."""

    folds: Sequence[Piece]
    sentence: str
    first: bool
    note: str = ""


def compared(before: str, after: str, note: str = "") -> Difference:
    """For the page. Not a query."""
    found = difference.compare(before, after)
    folds: list[tuple[bool, list[difference.Piece]]] = []
    for piece in found:
        same = piece.kind == difference.SAME and bool(before)
        if same and folds and folds[-1][0]:
            folds[-1][1].append(piece)
        else:
            folds.append((same, [piece]))
    return Difference([Piece(same, pieces) for same, pieces in folds], summary(before, after), not before, note)


def summary(before: str, after: str) -> str:
    """ "2 changed, 1 added." """
    if not before:
        return TYPE.describe(after, translation.get_language() or "en")
    kinds = Counter(piece.kind for piece in difference.compare(before, after))
    words = {
        difference.CHANGED: ngettext("{n} article changed", "{n} articles changed", kinds[difference.CHANGED]),
        difference.ADDED: ngettext("{n} added", "{n} added", kinds[difference.ADDED]),
        difference.REMOVED: ngettext("{n} removed", "{n} removed", kinds[difference.REMOVED]),
    }
    said = [text.format(n=kinds[kind]) for kind, text in words.items() if kinds[kind]]
    return ", ".join(said) or _("Only spaces and line breaks differ.")


def as_far(before: str, old: str, new: str) -> bool:
    """Whether ``new`` makes of ``before`` all that ``old`` would have made of it, besides whatever else; case, spaces and marks are no difference."""
    was, now = ({tuple(map(_plain, row[1:])) for row in TYPE.changes(before, text)} for text in (old, new))
    return bool(was) and was <= now


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def shown(proposal: Any) -> Difference | None:
    """What a proposal would change, against the text it was drafted from; None for another kind and a draft taken back. At most a query."""
    if proposal.kind != KIND or not proposal.changes:
        return None
    change = proposal.changes[0]
    before = rules.version(change["from"]).value if change["from"] else ""
    return compared(before, change["value"], authority_says(proposal.created_at))


def _origins(versions: Sequence[RuleVersion]) -> list[tuple[difference.Part, RuleVersion]]:
    """Each part of today's articles with the version it got its words in, of the newest ``VERSIONS_ASKED`` (newest first)."""
    rows = list(reversed(versions[:VERSIONS_ASKED]))
    if not rows:
        return []
    return [(part, rows[at]) for part, at in zip(difference.parts(rows[-1].value), difference.origins([row.value for row in rows]), strict=True)]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Today's articles, and every version with the decision that set it; ``?version=<id>``: that one against the one before. For everyone."""
    law.coop()
    now, lang = request.now, translation.get_language() or "en"  # type: ignore[attr-defined]
    rows = list(RuleVersion.objects.filter(key=KEY, scope="", effective_from__lte=now).order_by("-effective_from")[: VERSIONS_SHOWN + 1])
    versions = [row for row in rows if row.value or row.decision_id]
    told = queries.told(versions, lang)
    wanted = request.GET.get("version", "")[:40]
    chosen = next((row for row in versions if str(row.pk) == wanted), None)
    before = next((row.value for row in rows if chosen is not None and row.pk == chosen.previous_id), "")
    context = {
        "parts": [(part, told[row.pk] if row.decision_id else None) for part, row in _origins(versions)],
        "live": versions[0] if versions else None,
        "told": told[versions[0].pk] if versions else None,
        "versions": [(row, told[row.pk], TYPE.describe(row.value, lang)) for row in versions[:VERSIONS_SHOWN]],
        "pending": reading.voices.pending(KEY),
        "chosen": chosen,
        "difference": compared(before, chosen.value) if chosen is not None else None,
    }
    return render(request, "decisions/articles.html", context)
