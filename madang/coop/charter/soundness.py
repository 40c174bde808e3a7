"""Whether a charter holds together: references lead somewhere, nobody stands twice, and the law's bounds are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from madang.coop import law, rules
from madang.coop.charter.kinds import suggest
from madang.coop.charter.schema import Charter
from madang.coop.decisions import lawful
from madang.coop.law.profiles import Bound, Profile
from madang.coop.law.texts import in_language
from madang.kit import house
from madang.kit.errors import Missing
from madang.kit.ruletypes import Way

if TYPE_CHECKING:
    from madang.coop.charter.reader import Reading


def look(reading: Reading, charter: Charter, now: datetime) -> None:
    """Note everything in the charter that does not hold together."""
    data = reading.data
    classes, offices = _keys(reading, "classes"), _keys(reading, "offices")
    _once(reading, "classes", "key")
    _once(reading, "offices", "key")
    _once(reading, "founders", "email")
    _once(reading, "founders", "organisation")
    for number, row in _rows(data, "classes"):
        _route(reading, ("classes", number, "admission"), row.get("admission"), offices)
    for number, row in _rows(data, "offices"):
        _route(reading, ("offices", number, "filled_by"), row.get("filled_by"), offices)
    _duties(reading, charter)
    _founders(reading, charter, classes, offices)
    _ways(reading, charter, classes, offices)
    if charter.law:
        try:
            _lawful(reading, charter, law.profile(charter.law), now)
        except Missing:  # an unknown law has been noted where it stands
            return


def _rows(data: Any, section: str) -> list[tuple[int, dict[str, Any]]]:
    rows = data.get(section)
    return [(number, row) for number, row in enumerate(rows) if isinstance(row, dict)] if isinstance(rows, list) else []


def _keys(reading: Reading, section: str) -> list[str]:
    return [row["key"] for _number, row in _rows(reading.data, section) if isinstance(row.get("key"), str)]


def _once(reading: Reading, section: str, name: str) -> None:
    seen: dict[str, int] = {}
    for number, row in _rows(reading.data, section):
        value = row.get(name)
        if not isinstance(value, str) or not value:
            continue
        same = value.strip().lower()
        path = (section, number, name)
        if same in seen:
            reading.wrong(path, _("each only once; it stands in line {line} already").format(line=seen[same]), value)
        seen.setdefault(same, reading.places.line(path))


def _known(reading: Reading, path: tuple[str | int, ...], word: Any, known: Iterable[str], what: str) -> None:
    names = list(known)
    if isinstance(word, str) and word not in names:
        reading.wrong(path, what.format(names=", ".join(names) or "-") + suggest(word, names), word)


def _route(reading: Reading, path: tuple[str | int, ...], value: Any, offices: list[str]) -> None:
    """``office:<key>`` leads to an office, ``vote:<way>`` to a way."""
    if not isinstance(value, str) or ":" not in value:
        return
    kind, name = value.split(":", 1)
    if kind == "office":
        _known(reading, path, name, offices, _("an office of this charter: {names}"))
    elif kind == "vote":
        ways = reading.data.get("ways")
        _known(reading, path, name, ways if isinstance(ways, dict) else [], _("a way of deciding of this charter: {names}"))


def _duties(reading: Reading, charter: Charter) -> None:
    """Some office does each duty that cannot be left undone; an office that could not be read may be the one."""
    if len(charter.offices) < len(_rows(reading.data, "offices")):
        return
    done = {key for office in charter.offices for key in office.does}
    for duty in house.collect("duties", charter.platforms):
        if duty.needed and duty.key not in done:
            reading.wrong(("offices",), _('an office with does = ["{key}"]: {what}').format(key=duty.key, what=duty.title))


def _founders(reading: Reading, charter: Charter, classes: list[str], offices: list[str]) -> None:
    holders = {one.key: one.holder for one in charter.classes}
    seats = {one.key: one.seats for one in charter.offices}
    taken: dict[str, int] = {}
    for number, row in _rows(reading.data, "founders"):
        path = ("founders", number)
        _known(reading, (*path, "class"), row.get("class"), classes, _("a class of this charter: {names}"))
        holder = holders.get(str(row.get("class")))
        if holder == "organisation" and not row.get("organisation"):
            reading.wrong((*path, "class"), _('the name of the organisation too (key "organisation"): this class is for organisations'), row.get("class"))
        if holder == "person" and row.get("organisation"):
            reading.wrong((*path, "organisation"), _("no organisation: this founder's class is for people"), row["organisation"])
        held = row.get("offices")
        for place, office in enumerate(held if isinstance(held, list) else []):
            _known(reading, (*path, "offices", place), office, offices, _("an office of this charter: {names}"))
            taken[str(office)] = taken.get(str(office), 0) + 1
            if str(office) in seats and taken[str(office)] == seats[str(office)] + 1:
                reading.wrong((*path, "offices", place), _("at most {seats} founders in this office").format(seats=seats[str(office)]), office)


def _ways(reading: Reading, charter: Charter, classes: list[str], offices: list[str]) -> None:
    ways = reading.data.get("ways")
    for name, way in (ways if isinstance(ways, dict) else {}).items():
        if not isinstance(way, dict):
            continue
        electorate = way.get("electorate")
        for place, key in enumerate(electorate if isinstance(electorate, list) else []):
            _known(reading, ("ways", name, "electorate", place), key, classes, _("a class of this charter: {names}"))
        per_class = way.get("per_class")
        for key in per_class if isinstance(per_class, dict) else {}:
            _known(reading, ("ways", name, "per_class", key), key, classes, _("a class of this charter: {names}"))
        _named(reading, name, way, classes)
        draft = way.get("draft")
        if isinstance(draft, str) and draft.startswith("office:"):
            _known(reading, ("ways", name, "draft"), draft.removeprefix("office:"), offices, _("an office of this charter: {names}"))
        title = way.get("title")
        titles = title if isinstance(title, dict) else {}
        for language in charter.languages if titles else ():
            if language not in titles:
                reading.wrong(("ways", name, "title"), _('a text in "{language}" too').format(language=language), title)
    if isinstance(ways, dict):
        for rule in rules.registry.static_rules(charter.platforms):
            if not any(way in ways for way in rule.decided_by):
                names = " / ".join(f"[ways.{way}]" for way in rule.decided_by)
                reading.wrong(("ways",), _('{ways}: the rule "{rule}" is decided that way').format(ways=names, rule=rule.key), ", ".join(ways))
                break


def _named(reading: Reading, name: str, way: dict[str, Any], classes: list[str]) -> None:
    """The classes that what a way says of who counts names."""
    veto = way.get("veto")
    asking = veto.get("classes") if isinstance(veto, dict) else None
    for key, named in (("weights", way.get("weights")), ("caps", way.get("caps")), ("barred", way.get("barred")), ("veto", asking)):
        for one in named if isinstance(named, list | dict) else ():
            _known(reading, ("ways", name, key), one, classes, _("a class of this charter: {names}"))


def _lawful(reading: Reading, charter: Charter, profile: Profile, now: datetime) -> None:
    """What the law profile asks of a founding, where it asks."""
    least = profile.bound("founders.min", now)
    if 0 < len(reading.data.get("founders") or []) < least.number() or (not reading.data.get("founders") and "founders" in reading.data):
        _asks(reading, ("founders",), _("at least {count} founders").format(count=least.number()), least, len(reading.data.get("founders") or []))
    word = profile.bound("name.must_contain", now)
    if word.value and charter.name and not any(str(word.value) in text for text in charter.name.values()):
        language = next(iter(charter.name))
        _asks(reading, ("name", language), _('a name that contains "{word}"').format(word=word.value), word, charter.name[language])
    _shares(reading, charter, profile, now)
    _votes(reading, charter, profile, now)
    _lawful_ways(reading, charter, profile, now)
    _officers(reading, charter, profile, now)


def _shares(reading: Reading, charter: Charter, profile: Profile, now: datetime) -> None:
    uniform = profile.bound("share.uniform_price", now)
    prices = [one.share_price for one in charter.classes]
    for number, spec in enumerate(charter.classes):
        if uniform.value is True and spec.share_price != prices[0]:
            raw = reading.data["classes"][number].get("share_price")
            _asks(reading, ("classes", number, "share_price"), _("the same price of a share for every class"), uniform, raw)
        least = profile.bound("share.min_units", now)
        if spec.min_shares < least.number():
            _asks(reading, ("classes", number, "min_shares"), _("at least {count} shares").format(count=least.number()), least, spec.min_shares)


def _votes(reading: Reading, charter: Charter, profile: Profile, now: datetime) -> None:
    one_each = profile.bound("vote.one_each", now)
    voting = {"people": ("person",), "organisations": ("organisation",), "both": ("person", "organisation")}[charter.voters]
    for number, spec in enumerate(charter.classes):
        if one_each.value is not True:
            continue
        if not spec.votes:
            _asks(reading, ("classes", number, "votes"), _("a vote for every member"), one_each, False)
        elif spec.holder not in voting:
            expected = _('voters = "both": the members of "{key}" have a vote too').format(key=spec.key)
            _asks(reading, ("voters",), expected, one_each, charter.voters)
    if one_each.value is not True and charter.classes and not any(one.votes and one.holder in voting for one in charter.classes):
        reading.wrong(("voters",), _("somebody who votes: no class has a vote under this"), charter.voters)


def _lawful_ways(reading: Reading, charter: Charter, profile: Profile, now: datetime) -> None:
    for name, raw in charter.ways.items():
        for key, expected, bound in lawful.against(Way().parse(raw), profile, now):
            _asks(reading, ("ways", name, key), expected, bound, reading.data["ways"][name].get(key))


def _officers(reading: Reading, charter: Charter, profile: Profile, now: datetime) -> None:
    roles = {one.key: one.role for one in charter.offices}
    held = [{roles.get(key, "") for key in founder.offices} for founder in charter.founders]
    for role, name, what in (
        ("director", "directors.min", _('at least {count} founders in offices with role = "director"')),
        ("auditor", "auditors.min", _('at least {count} founders in offices with role = "auditor"')),
    ):
        bound = profile.bound(name, now)
        there = sum(role in one for one in held)
        if charter.founders and len(charter.founders) == len(reading.data.get("founders") or []) and there < bound.number():
            _asks(reading, ("founders",), what.format(count=bound.number()), bound, there)
    apart = profile.bound("auditor.may_be_director", now)
    for number, one in enumerate(held):
        if apart.value is False and {"director", "auditor"} <= one:
            _asks(reading, ("founders", number, "offices"), _("not director and auditor at once"), apart, ", ".join(charter.founders[number].offices))
    longest = profile.bound("office.max_term_months", now)
    for number, office in enumerate(charter.offices):
        if office.role and office.term_months > longest.number():
            _asks(reading, ("offices", number, "term_months"), _("at most {count} months").format(count=longest.number()), longest, office.term_months)


def _asks(reading: Reading, path: tuple[str | int, ...], expected: str, bound: Bound, found: Any) -> None:
    where = f" ({bound.citation})" if bound.citation else ""
    said = in_language(bound.text)
    reading.wrong(path, expected + where, said=f"{found}" + (f" — {said}" if said else ""))
