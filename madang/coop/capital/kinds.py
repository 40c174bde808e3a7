"""Decide what becomes of a year's surplus. Before they vote all see the steps and the spread, each member sees their own amount; what passed is booked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop import law
from madang.coop.capital import yearend
from madang.coop.capital.models import ClosingLine
from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Picture, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.law.texts import say_citation
from madang.coop.members import queries as members
from madang.coop.members.models import MemberClass, Membership
from madang.coop.people.models import Organisation
from madang.kit import house
from madang.kit.errors import Refused
from madang.kit.money import format_amount
from madang.kit.ruletypes import Percent, Unfit
from madang.kit.ruletypes.text import in_language
from madang.kit.surplus import Step, Wish

PARTS_MOST = 1_000
SHARES = ("legal", "voluntary", "patronage", "capital")
PERCENT = Percent(fractions=True)


class Form(base.Form):
    """The year, how it is used, and what a patronage refund follows in each class."""

    year = forms.ChoiceField(label=gettext_lazy("Year"))
    legal = forms.CharField(
        label=gettext_lazy("To the legal reserve"),
        initial="0%",
        max_length=20,
        help_text=gettext_lazy("Of the year's surplus; what the law asks at least goes there anyway."),
    )
    voluntary = forms.CharField(label=gettext_lazy("To the voluntary reserve"), initial="0%", max_length=20, help_text=gettext_lazy("Of what is left then."))
    patronage = forms.CharField(
        label=gettext_lazy("Back to members by the use each made"), initial="0%", max_length=20, help_text=gettext_lazy("Of what is left then.")
    )
    capital = forms.CharField(
        label=gettext_lazy("On the capital each paid in"), initial="0%", max_length=20, help_text=gettext_lazy("Of the capital paid in: a yearly rate.")
    )

    def prepare(self) -> None:
        """The years that are open, and two fields for each class of members."""
        self.fields["year"].choices = [(str(year), str(year)) for year in yearend.open_years(self.now)]  # type: ignore[attr-defined]
        measures = [("", _("nothing")), *((one.key, str(one.title)) for one in house.collect("measures"))]
        kept = (self.initial or {}).get("groups", {})
        for one in MemberClass.objects.order_by("order", "key"):
            title, was = in_language(one.title, self.lang), kept.get(one.key, {})
            said = _("{title}: how many parts of the refund").format(title=title)
            self.fields[f"parts_{one.key}"] = forms.IntegerField(
                label=said, min_value=0, max_value=PARTS_MOST, initial=was.get("parts", 1), required=False
            )
            self.fields[f"measure_{one.key}"] = forms.ChoiceField(
                label=_("{title}: what it follows").format(title=title), choices=measures, initial=was.get("measure", ""), required=False
            )

    def nothing(self) -> str:
        """A year can be shared out only when it is over."""
        if yearend.open_years(self.now):
            return ""
        return str(_("No year is open: what past years left is decided, and this year's result can be proposed once the year is over, from 1 January on."))

    def details(self) -> dict[str, Any]:
        """As :func:`prepare` takes it."""
        data = self.cleaned_data
        keys = [name.removeprefix("parts_") for name in self.fields if name.startswith("parts_")]
        groups = {key: {"parts": data[f"parts_{key}"], "measure": data[f"measure_{key}"]} for key in keys if data[f"parts_{key}"] and data[f"measure_{key}"]}
        return {"year": int(data["year"]), "groups": groups, **{name: data[name] for name in SHARES}}


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """The year worked out under these wishes; with the figures a draft was written from, they must be the same still.

    Raises ``Refused``: "other-scope", "unfit" (field), "parts", "moved" (the books have changed since the draft), and as ``yearend.close_year``:
    what the law forbids cannot be tabled, and the refusal cites the article.
    """
    if org is not None:
        raise Refused("other-scope", _("The surplus is the whole co-op's: propose this to all members, not inside one organisation."), "year")
    wish, groups = _wish(details), _groups(details)
    plan = yearend.close_year(_whole(details.get("year"), "year"), now, wish, groups)
    if details.get("digest") and details["digest"] != plan.digest:
        raise Refused("moved", _("The books have changed since you wrote this. Open the draft, look at the new figures and keep it again."))
    kept = {
        "year": plan.year, "unit": plan.unit, "digest": plan.digest, **{name: PERCENT.dump(getattr(wish, name)) for name in SHARES},
        "groups": {key: {"parts": parts, "measure": measure} for key, (parts, measure) in sorted(groups.items())},
        "steps": [[step.kind, step.amount, step.article] for step in plan.use.steps],
        "spread": [[tenth.members, tenth.average, tenth.total] for tenth in plan.tenths],
    }  # fmt: skip
    return Prepared([], kept, ways.name_for(("surplus", "resolution", "policy"), now))


def _wish(details: dict[str, Any]) -> Wish:
    read = {}
    for name in SHARES:
        try:
            read[name] = Fraction(PERCENT.parse(details.get(name, "0%")))
        except Unfit as unfit:
            raise Refused("unfit", str(unfit.expects(translation.get_language() or "en")), name) from None
    return Wish(**read)


def _groups(details: dict[str, Any]) -> dict[str, tuple[int, str]]:
    given = details.get("groups") or {}
    known = set(MemberClass.objects.values_list("key", flat=True))
    if not isinstance(given, dict) or set(given) - known:
        raise Refused("parts", _("There is no class of that name."))
    groups = {}
    for key, one in given.items():
        parts = _whole(one.get("parts") if isinstance(one, dict) else None, f"parts_{key}")
        if not 0 < parts <= PARTS_MOST:
            raise Refused("parts", _("Between 1 and {n} parts, please.").format(n=PARTS_MOST), f"parts_{key}")
        groups[key] = (parts, str(one.get("measure", "")))
    return groups


def _whole(raw: Any, field: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Refused("unfit", _("A whole number, please."), field)
    return raw


def opened(proposal: Proposal, now: datetime) -> None:
    """From here on the vote is on exactly these lines."""
    details = proposal.details
    plan = yearend.close_year(details["year"], now, _wish(details), _groups(details))
    yearend.fix(proposal, plan, now=now)


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """Booked, line by line as it was voted on."""
    yearend.post(proposal, now=now)
    return []


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """The steps, in order, each with its article; and what a law that wants a meeting says."""
    details = proposal.details
    if not details.get("steps"):
        return []

    def money(amount: int) -> str:
        return format_amount(amount, details["unit"], lang)

    steps = [Step(*one).said(lang, money, lambda article: say_citation(article, lang)) for one in details["steps"]]
    said = [Line(f"{number}.", "", text) for number, text in enumerate(steps, 1)]
    return said + _follows(details, lang) + _meeting(proposal, lang)


def _follows(details: dict[str, Any], lang: str) -> list[Line]:
    titles = {one.key: one.title for one in MemberClass.objects.filter(key__in=details["groups"])}
    measures = {one.key: one.title for one in house.collect("measures")}
    whole = sum(one["parts"] for one in details["groups"].values())
    with translation.override(lang):
        words = _("{parts} of {whole} parts of the patronage refund, following {measure}")
        said = [
            Line(in_language(titles.get(key, {}), lang) or key, "", words.format(parts=one["parts"], whole=whole, measure=measures.get(one["measure"], "")))
            for key, one in details["groups"].items()
        ]
        follows = [one["measure"] for one in details["groups"].values()]
        if len(set(follows)) < len(follows):
            once = _("Whoever is a member in two classes that follow the same measure counts once, in the class they vote in.")
            said.append(Line(_("Counted once"), "", once))
        return said


def _meeting(proposal: Proposal, lang: str) -> list[Line]:
    decides = law.profile().bound("meeting.general.decides", proposal.created_at)
    if "accounts" not in str(decides.value).split():
        return []
    with translation.override(lang):
        said = _("The law leaves the accounts, and with them the use of the surplus, to a general meeting: hold one, and let this vote be its.")
        return [Line(_("General meeting"), "", said, decides.url, say_citation(decides.citation, lang))]


def own(proposal: Proposal, person: Any, lang: str) -> list[Line]:
    """What this person would get, and for what; nothing for who is no member."""
    mine = [*members.memberships(person), *members.represented(person, proposal.created_at)]
    rows = ClosingLine.objects.filter(closing=proposal.pk, membership__in=mine)
    rows = rows.select_related("closing", "membership__member_class", "membership__organisation")
    measures = {one.key: one for one in house.collect("measures")}
    with translation.override(lang):
        return [_own(one, measures, lang) for one in rows.order_by("membership__member_class__order", "membership_id")]


def _own(one: ClosingLine, measures: dict[str, Any], lang: str) -> Line:
    def money(amount: int) -> str:
        return format_amount(amount, one.closing.unit, lang)

    said = []
    if one.measure in measures:
        words, measure = _("{amount} by use: {title}, {counted} of yours."), measures[one.measure]
        said.append(words.format(amount=money(one.patronage), title=measure.title, counted=measure.said(one.counted)))
    said.append(_("{amount} on the {paid_in} you paid in.").format(amount=money(one.capital), paid_in=money(one.paid_in)))
    whose: Membership = one.membership
    label = in_language(whose.member_class.title, lang) + (f" · {whose.organisation}" if whose.organisation else "")
    return Line(label, "", money(one.amount), reverse("capital:money"), " ".join(said))


def picture(proposal: Proposal, lang: str) -> Picture | None:
    """What members get, from the tenth that gets least to the tenth that gets most; nothing for a co-op of under five, or when nobody gets anything."""
    tenths = proposal.details.get("spread") or []
    whole = sum(total for _members, _average, total in tenths)
    if not whole:
        return None
    unit = proposal.details["unit"]
    with translation.override(lang):
        words = _("{n} members, {average} on average")
        rows = [
            (words.format(n=count, average=format_amount(average, unit, lang)), total, Fraction(total, whole)) for count, average, total in tenths
        ]
        note = _("Members in order of what they would get, in groups as equal as can be and never of fewer than five.")
        return Picture(_("How it is spread"), rows, unit, note)


register(
    Kind(
        "use_of_surplus",
        gettext_lazy("Use a year's surplus"),
        prepare,
        effect,
        lines,
        form=Form,
        subject="accounts",
        opened=opened,
        open_details=True,
        own=own,
        picture=picture,
        help=gettext_lazy("What becomes of what a year left: reserves, refunds by use, dividends on capital. Each member sees their own amount before voting."),
    )
)

from madang.coop.capital import handover_kind, refunds, writedown  # noqa: E402, F401  each kind of decision is a file; this room is what the house opens
from madang.coop.capital.offers import kinds as _offers  # noqa: E402, F401  (it registers itself)
