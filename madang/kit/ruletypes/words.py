"""The few words the types say themselves, in each language of the program. (The kit knows no Django, so no gettext.)"""

from __future__ import annotations

from typing import Any

EN, KO = 0, 1
_WORDS: dict[str, tuple[str, str]] = {
    # what was expected
    "percent": ('a percentage in quotes, such as "5%" or "2.5%"', '"5%"나 "2.5%"처럼 따옴표로 묶은 백분율'),
    "fraction": ('a percentage or a fraction in quotes, such as "50%" or "2/3"', '"50%"나 "2/3"처럼 따옴표로 묶은 백분율이나 분수'),
    "between": ("from {min} to {max}", "{min}에서 {max}까지"),
    "at least": ("at least {min}", "{min} 이상"),
    "at most": ("at most {max}", "{max} 이하"),
    "amount": ('an amount in {unit}, such as 12000 or "9.00" in quotes', '{unit} 금액(예: 12000, 또는 따옴표로 묶은 "9.00")'),
    "amount of": ("an amount in {unit}, not in {other}", "{other}가 아니라 {unit}로 된 금액"),
    "currency": ("an amount with its currency, since none is known here", "통화가 함께 적힌 금액(여기서는 통화를 알 수 없습니다)"),
    "whole": ("a whole number", "정수"),
    "duration": ('a length of time in quotes, such as "30m", "24h" or "14d"', '"30m", "24h", "14d"처럼 따옴표로 묶은 기간'),
    "flag": ("true or false", "true 또는 false"),
    "choice": ("one of: {options}", "다음 중 하나: {options}"),
    "text": ("a text", "글"),
    "text filled": ("a text that is not empty", "비어 있지 않은 글"),
    "text short": ("a text of at most {max} characters", "{max}자 이하의 글"),
    "texts": ('a text for each language, such as { ko = "…", en = "…" }', '언어마다 적은 글(예: { ko = "…", en = "…" })'),
    "split": ("a share for each of: {parts}", "다음 각각의 몫: {parts}"),
    "split sum": ("shares that add up to 100%, not {sum}", "더해서 100%가 되는 몫(지금은 {sum})"),
    "ladder": ('steps, each with "at_least" (a length of time) and "percent"', '"at_least"(기간)와 "percent"가 있는 단계들'),
    "ladder once": ("each length of time once", "같은 기간은 한 번만"),
    "rows": ("{min} to {max} rows", "{min}~{max}줄"),
    "record": ("values for: {names}", "다음 값들: {names}"),
    "items": ("a table with a short name for each row", "줄마다 짧은 이름이 있는 표"),
    "slug": ("a short name of small letters, digits and hyphens", "영문 소문자·숫자·붙임표로 된 짧은 이름"),
    "once": ("each name once", "같은 이름은 한 번만"),
    "known": ("one of the keys: {names}", "다음 항목 중 하나: {names}"),
    "missing": ("a value here", "값이 있어야 합니다"),
    "way": ("a way of deciding: quorum, majority, discussion, voting, notice", "결정 방식: 정족수, 찬성 기준, 논의·투표·공고 기간"),
    "draft": ('"members", "voters" or "office:<name>"', '"members", "voters" 또는 "office:<이름>"'),
    "at {path}: expected {what}": ("{path}: expected {what}, got {got}", "{path}: 필요한 값은 {what}, 적힌 값은 {got}"),
    "float": ('the number in quotes, such as "9.00", so that it stays exact', '정확히 남도록 "9.00"처럼 따옴표로 묶은 수'),
    # how values are said
    "day": ("{n} day", "{n}일"), "days": ("{n} days", "{n}일"),
    "hour": ("{n} hour", "{n}시간"), "hours": ("{n} hours", "{n}시간"),
    "minute": ("{n} minute", "{n}분"), "minutes": ("{n} minutes", "{n}분"),
    "second": ("{n} second", "{n}초"), "seconds": ("{n} seconds", "{n}초"),
    "none": ("none", "없음"), "at once": ("at once", "바로"),
    "yes": ("yes", "예"), "no": ("no", "아니요"),
    "rung": ("{time} or more ahead: {percent}", "{time} 이상 전: {percent}"),
    "rung last": ("later than that: {percent}", "그보다 늦으면: {percent}"),
    "rung always": ("always {percent}", "언제나 {percent}"),
    "rungs none": ("none: always 0%", "단계 없음: 언제나 0%"),
    "majority over": ("more than {share} of the votes for and against", "찬반 표의 {share} 초과 찬성"),
    "majority from": ("at least {share} of the votes for and against", "찬반 표의 {share} 이상 찬성"),
    "quorum": ("at least {share} of the voters take part", "투표권자의 {share} 이상 참여"),
    "no quorum": ("no minimum turnout", "최소 참여 기준 없음"),
    "in class": ("among {name}: {needs}", "{name} 안에서: {needs}"),
    "periods": ("discussion {discussion}, voting {voting}, notice {notice}", "논의 {discussion}, 투표 {voting}, 시행 전 공고 {notice}"),
    "only classes": ("voters: {names}", "투표권자: {names}"),
    "empty": ("(empty)", "(비어 있음)"),
    # labels of fields
    "l quorum": ("share of voters who must take part", "참여해야 하는 투표권자 비율"),
    "l majority": ("share of the votes for and against that must be for", "찬반 표 가운데 필요한 찬성 비율"),
    "l strict": ("it must be more than that share", "그 비율을 넘어야 함"),
    "l discussion": ("time to discuss", "논의 기간"), "l voting": ("time to vote", "투표 기간"),
    "l notice": ("notice before it takes effect", "시행 전 공고 기간"),
    "l at_least": ("this long ahead or more", "이만큼 이상 남았을 때"), "l percent": ("percentage", "비율"),
    "l title": ("name", "이름"), "l key": ("short name", "짧은 이름"),
    "l electorate": ("only these classes vote (short names; empty: all)", "이 유형만 투표(짧은 이름, 비우면 모두)"),
    "l per_class": ("what each class needs", "유형마다 필요한 조건"),
    "l draft": ("who may propose (members, voters, office:<name>)", "제안할 수 있는 사람(members, voters, office:<이름>)"),
    "l support": ("supporters needed before a vote", "투표 전에 필요한 동의자 수"),
    "l member_for": ("votes only after this long as a member", "조합원이 된 뒤 이만큼 지나야 투표"),
    "row gone": ("taken out", "뺌"), "row new": ("not there yet", "없음"), "order": ("order", "순서"),
    "new row": ("new row", "새 줄"), "row": ("row {n}", "{n}번째 줄"),
    "language ko": ("Korean", "한국어"), "language en": ("English", "영어"),
    "l remove": ("remove this row", "이 줄 지우기"),
    "support": ("{n} supporters before a vote", "투표 전에 동의 {n}명"),
    "member_for": ("a vote for members of {time} or longer", "조합원이 된 지 {time} 지난 사람이 투표"),
    "drafted by office": ("proposed by the office {name}", "{name} 직책이 제안"), "drafted by voters": ("proposed by those who vote on it", "투표권자가 제안"),
}


def say(key: str, lang: str = "en", **names: Any) -> str:
    """The text for ``key`` in ``lang`` ("ko…" or anything else for English), with its placeholders filled."""
    text = _WORDS[key][KO if lang.startswith("ko") else EN]
    return text.format(**names) if names else text
