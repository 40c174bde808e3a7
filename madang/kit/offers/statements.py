"""What an offer document must say: each statement by its key, and how a machine sees that it is there.

Which statements are asked for, since when and by which text is data of the law profile (bound ``offer.statements``); here stands how each is
recognised in English and Korean, and words that would say it. This finds what was forgotten. It cannot judge whether a text is true or clear:
people do that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Signs = tuple[str, ...]
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"


@dataclass(frozen=True)
class Statement:
    """``signs``: for each language the groups of words (regular expressions) that must all stand in one paragraph; several ways of saying it are
    several lists. ``example``: a sentence that would do."""

    key: str
    signs: Mapping[str, Sequence[Signs]]
    example: Mapping[str, str]


@dataclass(frozen=True)
class Finding:
    """A statement in one language of a document: ``section`` is the heading it stands under, None when it is missing."""

    statement: str
    language: str
    section: str | None


def _one(key: str, en: Sequence[Signs], ko: Sequence[Signs], say_en: str, say_ko: str) -> Statement:
    return Statement(key, {"en": en, "ko": ko}, {"en": say_en, "ko": say_ko})


STATEMENTS: Mapping[str, Statement] = {
    one.key: one
    for one in (
        _one(
            "total-loss",
            [(r"\blos(e|s|ing)\b", r"\b(all|whole|entire|everything)\b")],
            [(r"전액|전부|모두|원금", r"잃|손실")],
            "You could lose some or all of the money you put in.", "낸 돈의 전부를 잃을 수 있습니다.",
        ),
        _one(
            "no-compensation",
            [(r"compensation scheme|\bfscs\b", r"\b(no|not|without|nor)\b")],
            [(r"보상 ?제도|예금자 ?보호", r"없|않|아니|아닙")],
            "No compensation scheme protects this money.", "이 돈은 예금자보호나 다른 보상 제도의 보호를 받지 않습니다.",
        ),
        _one(
            "no-ombudsman",
            [(r"ombudsman", r"\b(no|not|without|nor|cannot)\b")],
            [(r"옴부즈|분쟁 ?조정", r"없|않|아니")],
            "You cannot go to the Financial Ombudsman Service about it.", "금융분쟁조정을 신청할 수 없습니다.",
        ),
        _one(
            "share-terms",
            [(r"\bshares?\b", r"withdraw", r"transfer|sold|sell|traded")],
            [(r"출자", r"양도|넘기|넘길|팔", r"돌려|환급|인출|찾")],
            "Shares can be withdrawn as our rules say; they cannot be sold or transferred.",
            "출자금은 규약이 정한 대로만 돌려받을 수 있고, 팔거나 마음대로 양도할 수 없습니다.",
        ),
        _one(
            "asset-lock",
            [(r"asset lock",), (r"dissol|wound up|winding up", r"\b(assets?|surplus|remain)")],
            [(r"자산 ?잠금",), (r"해산|청산", r"잔여 ?재산|남는 ?재산")],
            "Asset lock: if the society is wound up, what remains goes to a body of the same kind and not to its members.",
            "해산할 때 남는 재산은 조합원이 나누지 않고 같은 목적의 단체로 갑니다(자산 잠금).",
        ),
        _one(
            "one-member-one-vote",
            [(r"one (member|person)[,:]? ?(has )?one vote",), (r"one vote", r"each|every|regardless|however|whatever")],
            [(r"1인 ?1표|한 ?표|1표|의결권",)],
            "Each member has one vote, however much they hold.", "출자액과 관계없이 조합원마다 한 표입니다.",
        ),
        _one(
            "limits",
            [(r"\b(most|maximum|limit)", r"\b(hold|holding|apply|invest|put in)", r"\d")],
            [(r"한도|까지|넘을 수 없|이하", r"출자|보유", r"\d")],
            "One person may hold at most £100,000.", "한 조합원은 전체 출자좌수의 30%까지 보유할 수 있습니다.",
        ),
        _one(
            "limits-on-return",
            [(r"withdraw|paid back|pay back|return", rf"suspend|board|notice|from (\d|{MONTHS})")],
            [(r"환급|돌려|인출", r"회계연도|총회|이사회|\d{4}년|멈")],
            "Withdrawals are possible from July 2023 with three months' notice; the board may suspend them.",
            "탈퇴한 다음 회계연도부터 환급을 청구할 수 있으며 총회의 의결이 있어야 합니다.",
        ),
        _one(
            "not-a-deposit",
            [(r"\bnot\b|\bno\b", r"deposit|guarantee")],
            [(r"예금|보장|보증", r"아니|아닙|않|없")],
            "Shares are not a deposit, and nobody guarantees that the money is paid back.", "출자금은 예금이 아니며 원금을 돌려준다고 보장하지 않습니다.",
        ),
        _one(
            "pioneer-risk",
            [(r"pioneer|prepar|start(-| )?up", r"may|might|could|risk")],
            [(r"준비|사전|초기", r"위험|않을 수|못할 수|쓰")],
            "This pioneer offer pays for preparing: the money may be spent and the project may still not happen.",
            "이 사전 모집으로 모은 돈은 준비에 쓰며, 사업이 시작되지 못할 수도 있습니다.",
        ),
    )
}  # fmt: skip

_HEADING = re.compile(r"^#{1,6}\s+(.*\S)\s*#*$")


def sections(text: str) -> list[tuple[str, list[str]]]:
    """The headings of a Markdown text with the paragraphs under each; what stands before the first one is under ""."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        lines: list[str] = []
        for line in block.split("\n"):
            if heading := _HEADING.match(line.strip()):
                _add(found, lines)
                lines = []
                found.append((heading[1], []))
            else:
                lines.append(line.strip())
        _add(found, lines)
    return [one for one in found if one[0] or one[1]]


def _add(found: list[tuple[str, list[str]]], lines: list[str]) -> None:
    if words := " ".join(one for one in lines if one):
        found[-1][1].append(words)


def check_document(text: Mapping[str, str], asked: Iterable[str]) -> list[Finding]:
    """For each language of the document and each statement asked for: where it stands, or that it is missing. Raises ``KeyError`` for an unknown key."""
    wanted = [STATEMENTS[key] for key in asked]
    found = []
    for language, words in text.items():
        parts = sections(words)
        found += [Finding(one.key, language, _where(one, language, parts)) for one in wanted]
    return found


def _where(statement: Statement, language: str, parts: Sequence[tuple[str, list[str]]]) -> str | None:
    ways = statement.signs.get(language[:2]) or statement.signs["en"]
    for heading, paragraphs in parts:
        for paragraph in paragraphs:
            said = f"{heading}. {paragraph}".lower()
            if any(all(re.search(sign, said) for sign in way) for way in ways):
                return heading
    return None
