"""Spend from the treasury: how much at most, for what, to whom, until when. What passed lets whoever pays out spend that much and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from madang.coop import law
from madang.coop.decisions import cooling, states, ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.ledger import periods
from madang.coop.payments import authorising, spending
from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Organisation
from madang.kit.dates import say_time
from madang.kit.errors import Refused
from madang.kit.money import LARGEST, format_amount, parse_amount

LONGEST, TEXT_MAX, YEARS = 140, 4000, 3


def headings() -> list[tuple[str, Any]]:
    """Under which cost it can stand."""
    return [(one.kind, one.title) for one in spending.titles() if not one.income]


class DateInput(forms.DateInput):
    """A day as the browser picks it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Form(base.Form):
    """The sum, for what and whom, and until when."""

    amount = forms.CharField(label=gettext_lazy("How much at most"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    text = forms.CharField(
        label=gettext_lazy("What for"), max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stands on the record, for everyone to read."),
    )  # fmt: skip
    to = forms.CharField(
        label=pgettext_lazy("spending", "To whom"), max_length=LONGEST, required=False,
        help_text=gettext_lazy("A firm or what it is for; do not name a person: this stands on the record for good."),
    )  # fmt: skip
    sort = forms.ChoiceField(label=gettext_lazy("Budget line"))
    until = forms.DateField(
        label=gettext_lazy("To be spent until"), widget=DateInput(), help_text=gettext_lazy("What is not spent by then stays in the treasury.")
    )

    def prepare(self) -> None:
        """The cost headings; half a year to begin with."""
        term_fields(self)


def term_fields(form: base.Form) -> None:
    """The cost headings; half a year to begin with."""
    form.fields["sort"].choices = [("", "—"), *headings()]  # type: ignore[attr-defined]
    form.fields["until"].initial = (form.now + timedelta(days=182)).astimezone(periods.zone()).date()


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "other-scope", "amount", "no-text", "to", "sort", "until"."""
    require_all(org)
    text = clean_text(str(details.get("text", "")), TEXT_MAX * 2, "text")
    if not text or len(text) > TEXT_MAX:
        raise Refused("no-text", _("Write what it is for, in at most {n} characters.").format(n=TEXT_MAX), "text")
    made = {"amount": read_amount(details.get("amount"), "amount"), "text": text, "to": clean_line(str(details.get("to") or ""), LONGEST, "to")}
    return Prepared([], {**made, **read_terms(details, now)}, ways.name_for(("spending", "policy"), now))


def require_all(org: Organisation | None) -> None:
    """Raise ``Refused("other-scope")`` inside one organisation."""
    if org is not None:
        raise Refused("other-scope", _("The treasury is the whole co-op's: propose this to all members, not inside one organisation."), "amount")


def read_amount(given: Any, field: str) -> int:
    """An amount as typed or as kept, in the smallest unit of the co-op's currency. Raises ``Refused``."""
    if isinstance(given, int) and not isinstance(given, bool):
        amount = given
    else:
        try:
            amount = parse_amount(str(given or ""), law.coop().currency)
        except ValueError:
            raise Refused("amount", _("That amount could not be read."), field) from None
    if not 0 < amount <= LARGEST:
        raise Refused("amount", _("Write an amount above nothing."), field)
    return amount


def read_terms(details: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The budget line and the last day: {"sort", "until"}. Raises ``Refused``: "sort", "until"."""
    sort = str(details.get("sort") or "")
    if sort not in dict(headings()):
        raise Refused("sort", _("Choose a budget line."), "sort")
    until = details.get("until")
    if not isinstance(until, date):
        try:
            until = date.fromisoformat(str(until or ""))
        except ValueError:
            raise Refused("until", _("Choose a day."), "until") from None
    today = now.astimezone(periods.zone()).date()
    if not today < until <= today + timedelta(days=366 * YEARS):
        raise Refused("until", _("Choose a day from tomorrow on, within {n} years.").format(n=YEARS), "until")
    return {"sort": sort, "until": until.isoformat()}


def end_of(kept: Mapping[str, Any]) -> datetime:
    """When the last day is over, where the co-op is."""
    return periods.begins(date.fromisoformat(kept["until"]) + timedelta(days=1))


def initial(proposal: Proposal) -> dict[str, Any]:
    """A draft as its form takes it: the amount as people write it."""
    kept = proposal.details
    return {**kept, "amount": format_amount(kept["amount"], law.coop().currency, translation.get_language() or "en")} if kept else {}


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """It may be spent from now on. Raises ``Refused("until")`` when its day is over."""
    kept = proposal.details
    authorising.authorise(proposal, [("", proposal.title, kept["to"], kept["amount"])], sort=kept["sort"], until=end_of(kept), now=now)
    return []


def again(new: dict[str, Any], failed: dict[str, Any]) -> bool:
    """As much or more for the same, whatever the day and the budget line."""
    return all(cooling.plain(new[name]) == cooling.plain(failed[name]) for name in ("text", "to")) and new["amount"] >= failed["amount"]


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """How much, for what, to whom, until when; of a decision in force what was drawn."""
    kept = proposal.details
    if not kept:
        return []
    with translation.override(lang):
        return [
            Line(_("What for"), "", kept["text"]),
            Line(_("At most"), "", format_amount(kept["amount"], law.coop().currency, lang), note=warned(proposal, kept["amount"])),
            *([Line(pgettext("spending", "To whom"), "", kept["to"])] if kept["to"] else []),
            *terms(kept, lang),
            *drawn(proposal, lang),
        ]


def terms(kept: Mapping[str, Any], lang: str) -> Iterator[Line]:
    """Budget line and last day, in words."""
    yield Line(_("Budget line"), "", str(dict(headings()).get(kept["sort"], kept["sort"])))
    yield Line(_("To be spent until"), "", say_time(end_of(kept) - timedelta(seconds=1), "date", lang, periods.zone()))


def warned(proposal: Proposal, amount: int) -> str:
    """That the co-op has not so much of its own, while it is still to be decided."""
    if proposal.state not in (states.DRAFT, *states.OPEN) or amount <= authorising.free(law.coop().currency):
        return ""
    return _("The co-op has not so much of its own at present: it can be decided, and is paid as far as the money is there.")


def drawn(proposal: Proposal, lang: str) -> Iterator[Line]:
    """What was drawn on each sum of a decision in force."""
    if proposal.state not in (states.IN_FORCE, states.REVERTED):
        return
    for row in authorising.of(proposal):
        said = _("{drawn} of {cap}").format(drawn=format_amount(row.drawn, row.one.unit, lang), cap=format_amount(row.one.cap, row.one.unit, lang))
        note = _("The members took back what was not spent.") if row.one.withdrawn_at else ""
        yield Line(_("Spent so far") + (f": {row.one.title}" if row.one.key else ""), "", said, note=note)


register(Kind("spend", gettext_lazy("Spend from the treasury"), prepare, effect, lines, form=Form, open_details=True, initial=initial,
              amends=True, subject="execution", again=again,
              help=gettext_lazy("A sum for something, with a cap and a last day. Whoever pays out may spend that much and no more.")))  # fmt: skip


class EndForm(base.Form):
    """Which spending."""

    decision = forms.ChoiceField(label=gettext_lazy("Which decision"))

    def prepare(self) -> None:
        """Decisions of which something is left."""
        found = {str(row.one.decision_id): row.one.decision.title for row in authorising.open_sums(self.now)}
        self.fields["decision"].choices = list(found.items())  # type: ignore[attr-defined]

    def nothing(self) -> str:
        """Nothing is left of any."""
        return "" if self.fields["decision"].choices else _("There is no decided spending of which something is left.")  # type: ignore[attr-defined]


def _spending(details: Mapping[str, Any]) -> Proposal | None:
    try:
        return Proposal.objects.filter(pk=UUID(str(details.get("decision", ""))), state=states.IN_FORCE).first()
    except ValueError:
        return None


def prepare_end(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Decided as it was. Raises ``Refused("decision")`` where nothing is left of it."""
    require_all(org)
    found = _spending(details)
    if found is None or str(found.pk) not in {str(row.one.decision_id) for row in authorising.open_sums(now)}:
        raise Refused("decision", _("Choose decided spending of which something is left."), "decision")
    return Prepared([], {"decision": str(found.pk)}, ways.name_for((found.way_name, "policy"), now))


def effect_end(proposal: Proposal, now: datetime) -> list[str]:
    """What was not drawn stays in the treasury."""
    authorising.withdraw(proposal.details["decision"], now=now)
    return []


def lines_end(proposal: Proposal, lang: str) -> list[Line]:
    """Which spending, and what is left of it."""
    found = _spending(proposal.details)
    if found is None:
        return []
    rows = authorising.of(found)
    left = format_amount(sum(row.left for row in rows), rows[0].one.unit, lang) if rows else ""
    return [Line(found.title, _("may be spent: {left}").format(left=left), _("nothing more"), f"/decisions/{found.pk}/")]


register(Kind("end_spending", gettext_lazy("Stop decided spending"), prepare_end, effect_end, lines_end, form=EndForm, open_details=True,
              help=gettext_lazy("What was decided and not spent yet stays in the treasury.")))  # fmt: skip
