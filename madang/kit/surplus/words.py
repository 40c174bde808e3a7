"""What a year end says, in Korean and English. ``{figures}`` are amounts, ``{percent}`` and ``{article}`` stand as they are."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

FORBIDDEN: dict[str, dict[str, str]] = {
    "legal-reserve": {
        "en": "At least {least} of the surplus has to go to the legal reserve; this proposal puts {there} there ({article}).",
        "ko": "잉여금 가운데 {least} 이상을 법정적립금으로 적립해야 하는데, 이 안의 적립액은 {there}입니다({article}).",
    },
    "losses-first": {
        "en": "Losses of {least} have to be covered before anything is shared out; this proposal covers {there} ({article}).",
        "ko": "배당하기 전에 손실 {least}을 먼저 메워야 하는데, 이 안에서 메우는 금액은 {there}입니다({article}).",
    },
    "losses-order": {
        "en": "A loss is covered from the surplus brought forward, then the voluntary, then the legal reserve, in this order ({article}).",
        "ko": "손실은 미처분이월금, 임의적립금, 법정적립금의 순서로 메웁니다({article}).",
    },
    "legal-reserve-use": {
        "en": "The legal reserve may be used for losses, or when the co-op is wound up, and for nothing else ({article}).",
        "ko": "법정적립금은 손실을 메우거나 해산할 때에만 쓸 수 있습니다({article}).",
    },
    "no-dividend": {
        "en": "Nothing may be shared out among members; this proposal shares out {there} ({article}).",
        "ko": "조합원에게 배당할 수 없는데, 이 안의 배당액은 {there}입니다({article}).",
    },
    "rest": {
        "en": "What is left has to go to the voluntary reserve; this proposal carries {there} forward ({article}).",
        "ko": "남은 잉여금은 임의적립금으로 적립해야 하는데, 이 안의 이월액은 {there}입니다({article}).",
    },
    "patronage-least": {
        "en": "At least {percent} of all dividends has to follow the use each member made: {least} of {whole}; this proposal gives {there} ({article}).",
        "ko": "전체 배당액 {whole}의 {percent}인 {least} 이상을 이용실적에 따라 배당해야 하는데, 이 안의 이용실적 배당은 {there}입니다({article}).",
    },
    "capital-most": {
        "en": "A dividend on capital is at most {percent} of the {whole} paid in, so {most}; this proposal gives {there} ({article}).",
        "ko": "출자배당은 납입출자금 {whole}의 {percent}인 {most}을 넘을 수 없는데, 이 안의 배당액은 {there}입니다({article}).",
    },
}

STEPS: dict[str, dict[str, str]] = {
    "result": {"en": "The year's result: {amount}.", "ko": "올해의 결과는 {amount}입니다."},
    "brought-forward": {"en": "Brought forward from earlier years: {amount}.", "ko": "전년도에서 넘어온 금액은 {amount}입니다."},
    "loss-covered": {"en": "{amount} first covers what earlier years lost{cited}.", "ko": "먼저 {amount}으로 지난 손실을 메웁니다{cited}."},
    "from-brought-forward": {
        "en": "{amount} of the loss is covered from the surplus brought forward{cited}.",
        "ko": "손실 가운데 {amount}을 미처분이월금으로 메웁니다{cited}.",
    },
    "from-voluntary": {
        "en": "{amount} of the loss is covered from the voluntary reserve{cited}.",
        "ko": "손실 가운데 {amount}을 임의적립금으로 메웁니다{cited}.",
    },
    "from-legal": {
        "en": "{amount} of the loss is covered from the legal reserve{cited}.",
        "ko": "손실 가운데 {amount}을 법정적립금으로 메웁니다{cited}.",
    },
    "legal": {"en": "{amount} goes to the legal reserve{cited}.", "ko": "{amount}을 법정적립금으로 적립합니다{cited}."},
    "legal-full": {
        "en": "The legal reserve is full: nothing more has to go there{cited}.",
        "ko": "법정적립금이 다 차서 더 적립하지 않아도 됩니다{cited}.",
    },
    "voluntary": {"en": "{amount} goes to the voluntary reserve{cited}.", "ko": "{amount}을 임의적립금으로 적립합니다{cited}."},
    "patronage": {"en": "{amount} goes back to members by the use each made{cited}.", "ko": "{amount}을 이용실적에 따라 조합원에게 배당합니다{cited}."},
    "capital": {"en": "{amount} goes to members on the capital each paid in{cited}.", "ko": "{amount}을 납입출자금에 따라 조합원에게 배당합니다{cited}."},
    "forward": {"en": "{amount} is carried forward to next year.", "ko": "{amount}을 다음 해로 이월합니다."},
    "loss-forward": {"en": "A loss of {amount} is carried forward to next year{cited}.", "ko": "손실 {amount}을 다음 해로 이월합니다{cited}."},
    "as-needed": {
        "en": "Interest on capital is no more than what it takes to get the capital and keep it; whoever proposes this says so{cited}.",
        "ko": "출자금 이자는 자본을 모으고 지키는 데 필요한 만큼만 줍니다. 이 안을 내는 사람이 이를 확인합니다{cited}.",
    },
}


def percent(fraction: Fraction) -> str:
    """A fraction of 1 as people write it: "10 %", "33 1/3 %"."""
    whole, rest = divmod(fraction * 100, 1)
    if not rest:
        return f"{whole} %"
    if 100 % rest.denominator == 0:
        return f"{whole}.{rest.numerator * 100 // rest.denominator:02d}".rstrip("0") + " %"
    return f"{whole} {rest} %" if whole else f"{rest} %"


def in_words(texts: dict[str, str], lang: str, write: Callable[[int], str] = str, /, **figures: object) -> str:
    """The sentence in ``lang`` (English for another): numbers are written by ``write``, fractions as percentages."""
    shown: dict[str, str] = {}
    for name, value in figures.items():
        if isinstance(value, int):
            shown[name] = write(value)
        elif isinstance(value, Fraction):
            shown[name] = percent(value)
        else:
            shown[name] = str(value)
    return texts["ko" if lang.startswith("ko") else "en"].format(**shown).replace(" ()", "").replace("()", "")
