"""How each kind of value in a charter is read: the value, or what was expected instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from madang.coop.charter.problems import nearest
from madang.coop.law import profiles
from madang.coop.people import zones
from madang.kit import house, money, units

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ADMISSION = re.compile(r"open|office:[a-z][a-z0-9_-]{0,39}|vote:[a-z][a-z0-9_-]{0,39}")
_FILLED = re.compile(r"office:[a-z][a-z0-9_-]{0,39}|vote:[a-z][a-z0-9_-]{0,39}")
LINE_MAX, TEXT_MAX, MONEY_MAX = 80, 2000, 10**12


class Wrong(ValueError):
    """Not of its kind: ``expected`` in words; ``inside`` leads to the part that is wrong."""

    def __init__(self, expected: str, inside: tuple[str | int, ...] = (), found: Any = None) -> None:
        super().__init__(expected)
        self.expected, self.inside, self.found = expected, inside, found


@dataclass(frozen=True)
class Around:
    """What the rest of the charter says that a value depends on."""

    currency: str | None = None
    languages: tuple[str, ...] = ()


def suggest(word: str, known: Any) -> str:
    """`` (did you mean "x"?)`` or nothing."""
    close = nearest(word, known)
    return " " + _('(did you mean "{word}"?)').format(word=close) if close else ""


def _text(raw: Any, longest: int) -> str:
    if not isinstance(raw, str) or not raw.strip() or len(raw) > longest:
        raise Wrong(_("a text of 1 to {longest} characters").format(longest=longest))
    return raw.strip()


def line(raw: Any, around: Around) -> str:
    """One line of text."""
    text = _text(raw, LINE_MAX)
    if any(ord(character) < 32 for character in text):
        raise Wrong(_("one line of text"))
    return text


def texts(raw: Any, around: Around) -> dict[str, str]:
    """A text in each of the charter's languages."""
    wanted = around.languages
    if not isinstance(raw, dict):
        raise Wrong(_("a text in each language: {languages}").format(languages=", ".join(wanted) or "ko, en"))
    for language in raw:
        if wanted and language not in wanted:
            raise Wrong(_("only the charter's languages: {languages}").format(languages=", ".join(wanted)), (language,), language)
    for language in wanted:
        if language not in raw:
            raise Wrong(_('a text in "{language}" too').format(language=language))
    found = {}
    for language, text in raw.items():
        try:
            found[language] = _text(text, TEXT_MAX)
        except Wrong as no:
            raise Wrong(no.expected, (language,), text) from None
    return found


def slug(raw: Any, around: Around) -> str:
    """A short name for addresses."""
    if not isinstance(raw, str) or not _SLUG.fullmatch(raw) or len(raw) > 50:
        raise Wrong(_('small letters, digits and hyphens, such as "seoul-madang"'))
    return raw


def word(raw: Any, around: Around) -> str:
    """A key."""
    if not isinstance(raw, str) or not _WORD.fullmatch(raw):
        raise Wrong(_('a short word of small letters, such as "worker"'))
    return raw


def words(raw: Any, around: Around) -> tuple[str, ...]:
    """A list of keys, each once."""
    return _each(raw, lambda one: word(one, around), _('a list of words, such as ["board"]'))


def _each(raw: Any, read: Callable[[Any], str], expected: str) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise Wrong(expected)
    found: list[str] = []
    for number, one in enumerate(raw):
        try:
            value = read(one)
        except Wrong as no:
            raise Wrong(no.expected, (number,), one) from None
        if value in found:
            raise Wrong(_("each only once"), (number,), one)
        found.append(value)
    return tuple(found)


def _one_of(raw: Any, known: list[str], what: str) -> str:
    if not isinstance(raw, str):
        raise Wrong(what)
    if raw not in known:
        raise Wrong(what + suggest(raw, known))
    return raw


def law(raw: Any, around: Around) -> str:
    """The key of a law profile."""
    return _one_of(raw, profiles.keys(), _("a law profile: {names}").format(names=", ".join(profiles.keys())))


def currency(raw: Any, around: Around) -> str:
    """A currency's code."""
    try:
        if not isinstance(raw, str):
            raise ValueError
        return units.unit(raw).code
    except ValueError:
        raise Wrong(_('a currency code of ISO 4217, such as "KRW" or "USD"')) from None


def time_zone(raw: Any, around: Around) -> str:
    """A time zone."""
    return _one_of(raw, sorted(zones.names()), _('a time zone, such as "Asia/Seoul"'))


def language(raw: Any, around: Around) -> str:
    """A language of the charter."""
    known = list(around.languages) or [code for code, _name in settings.LANGUAGES]
    return _one_of(raw, known, _("a language: {names}").format(names=", ".join(known)))


def languages(raw: Any, around: Around) -> tuple[str, ...]:
    """The languages of the co-op, the first one first."""
    known = [code for code, _name in settings.LANGUAGES]
    what = _("a language these pages speak: {names}").format(names=", ".join(known))
    found = _each(raw, lambda one: _one_of(one, known, what), _('a list of languages, such as ["ko", "en"]'))
    if not found:
        raise Wrong(_("at least one language"))
    return found


def platforms(raw: Any, around: Around) -> tuple[str, ...]:
    """Platforms of this program."""
    known = list(settings.PLATFORMS)
    what = _("a platform of this program: {names}").format(names=", ".join(known) or "-")
    return _each(raw, lambda one: _one_of(one, known, what), _('a list of platforms, such as ["services"]'))


def duties(raw: Any, around: Around) -> tuple[str, ...]:
    """Duties of this program that an office does."""
    known = [duty.key for duty in house.collect("duties")]
    what = _("a duty of this program: {names}").format(names=", ".join(known))
    return _each(raw, lambda one: _one_of(one, known, what), _('a list of duties, such as ["payouts"]'))


def flag(raw: Any, around: Around) -> bool:
    """Yes or no."""
    if not isinstance(raw, bool):
        raise Wrong(_("true or false"))
    return raw


def _whole(raw: Any, least: int, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        raise Wrong(_("a whole number from {least} to {most}").format(least=f"{least:,}", most=f"{most:,}"))
    return raw


def count(raw: Any, around: Around) -> int:
    """A number of shares."""
    return _whole(raw, 0, 1_000_000)


def seats(raw: Any, around: Around) -> int:
    """A number of seats."""
    return _whole(raw, 1, 100)


def months(raw: Any, around: Around) -> int:
    """A number of months."""
    return _whole(raw, 1, 120)


def amount(raw: Any, around: Around) -> int:
    """Money in major units of the charter's currency, as an int of its smallest unit. No floats: 9.10 is written "9.10"."""
    code = around.currency
    if code is None:  # the currency itself is wrong and already said so; any plain amount passes here
        return raw if isinstance(raw, int) and not isinstance(raw, bool) else 0
    scale = units.unit(code).scale
    example = "10000" if scale == 0 else '"25.' + "0" * scale + '"'
    expected = _("an amount of {currency}, such as {example}").format(currency=code, example=example)
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise Wrong(expected)
    try:
        found = money.parse_amount(str(raw), code)
    except ValueError:
        raise Wrong(expected) from None
    if not 0 <= found <= MONEY_MAX:
        raise Wrong(expected)
    return found


def email(raw: Any, around: Around) -> str:
    """An e-mail address, in small letters."""
    try:
        if not isinstance(raw, str) or len(raw) > 254:
            raise ValidationError("")
        validate_email(raw.strip())
    except ValidationError:
        raise Wrong(_("an e-mail address, such as name@example.org")) from None
    return raw.strip().lower()


def admission(raw: Any, around: Around) -> str:
    """How one gets in."""
    if not isinstance(raw, str) or not _ADMISSION.fullmatch(raw):
        raise Wrong(_('"open", "office:<key>" or "vote:<way>"'))
    return raw


def filled_by(raw: Any, around: Around) -> str:
    """Who fills an office."""
    if not isinstance(raw, str) or not _FILLED.fullmatch(raw):
        raise Wrong(_('"vote:<way>" or "office:<key>"'))
    return raw


def table(raw: Any, around: Around) -> dict[str, Any]:
    """A table whose keys are read elsewhere."""
    if not isinstance(raw, dict):
        raise Wrong(_("a table"))
    return raw


def tables(raw: Any, around: Around) -> list[Any]:
    """An array of tables, read one by one elsewhere."""
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise Wrong(_("tables in double brackets, such as [[classes]]"))
    return raw


READERS: dict[str, Callable[[Any, Around], Any]] = {
    reader.__name__: reader
    for reader in (
        line, texts, slug, word, words, law, currency, time_zone, language, languages, platforms, duties, flag, count, seats, months, amount, email, admission,
        filled_by, table, tables,
    )
}  # fmt: skip
