"""Every kind of mistake in a charter is answered with file, line, key, what was expected and what was found."""
# ruff: noqa: E501 (a table of mistakes reads better in lines than in columns)

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.coop.charter import reader
from madang.coop.charter.problems import BadCharter
from tests.coop.founded import TINY

NOW = datetime(2026, 3, 2, tzinfo=UTC)
GOOD = TINY.read_text()
CHARTERS = Path(__file__).resolve().parents[3] / "charters"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def problems(text):
    with pytest.raises(BadCharter) as no:
        reader.read(text, "my.toml", now=NOW)
    return no.value.problems


def changed(old, new, count=1):
    assert old in GOOD, old
    return GOOD.replace(old, new, count)


def line_of(text, needle, nth=1):
    hits = [number for number, line in enumerate(text.splitlines(), 1) if needle in line]
    return hits[nth - 1]


def test_the_shipped_charters_are_sound():
    for path in sorted(CHARTERS.glob("*.toml")):
        charter = reader.read_file(path, now=NOW)
        assert charter.founders and charter.text == path.read_text()
    assert len(list(CHARTERS.glob("*.toml"))) >= 2


def test_what_is_read():
    charter = reader.read(GOOD, "my.toml", now=NOW)
    assert charter.class_of("worker").share_price == 10_000 and charter.class_of("worker").min_shares == 1
    assert charter.founders[0].offices == ("board", "coordinator")
    usd = reader.read_file(CHARTERS / "upandgo-nyc.toml", now=NOW)
    assert usd.class_of("provider").share_price == 100_00
    assert usd.founders[0].organisation == "Morning Light Cleaners"


# (what is changed, what it becomes, a text on the line where the mistake stands, key, expected, found)
MISTAKES = [
    ('currency = "KRW"', 'currency = "KRV"', 'currency = "KRV"', "currency", "a currency code", '"KRV"'),
    ('currency = "KRW"', 'currency = "XAU"', 'currency = "XAU"', "currency", "a currency code", '"XAU"'),
    ('currency = "KRW"', "currency = 410", "currency = 410", "currency", "a currency code", "410"),
    ('time_zone = "Asia/Seoul"', 'time_zone = "Asia/Soul"', "Asia/Soul", "time_zone", 'did you mean "Asia/Seoul"', '"Asia/Soul"'),
    ('law = "kr-general"', 'law = "kr-generel"', "kr-generel", "law", 'did you mean "kr-general"', '"kr-generel"'),
    ('languages = ["ko", "en"]', 'languages = ["ko", "en", "es"]', "languages", "languages[2]", "a language these pages speak", '"es"'),
    ('languages = ["ko", "en"]', 'languages = ["ko", "en", "ko"]', "languages", "languages[2]", "each only once", '"ko"'),
    ('languages = ["ko", "en"]', "languages = []", "languages", "languages", "at least one language", "[]"),
    ('slug = "little-yard"', 'slug = "Little Yard"', "slug", "slug", "small letters", '"Little Yard"'),
    ('voters = "both"', 'voters = "bothh"', "voters", "voters", 'did you mean "both"', '"bothh"'),
    ("demo = true", 'demo = "yes"', "demo", "demo", "true or false", '"yes"'),
    ('platforms = ["services"]', 'platforms = ["servces"]', "platforms", "platforms[0]", 'did you mean "services"', '"servces"'),
    ('platforms = ["services"]', 'platform = ["services"]', "platform = ", "platform", 'did you mean "platforms"', '"platform"'),
    ('title = { ko = "이용 조합원", en = "Client" }', 'title = { ko = "이용 조합원" }', "이용 조합원", "classes[1].title", 'a text in "en" too', "{ko}"),
    (
        'title = { ko = "이용 조합원", en = "Client" }', 'title = { ko = "이용", en = "Client", es = "Cliente" }', "Cliente", "classes[1].title.es",
        "only the charter's languages: ko, en", '"es"',
    ),
    ('name = { ko = "작은마당 협동조합", en = "Little Yard" }', 'name = { ko = "작은마당 협동조합", en = "" }', "name = {", "name.en", "a text of 1 to", '""'),
    ('name = { ko = "작은마당 협동조합", en = "Little Yard" }', 'name = "작은마당 협동조합"', "name = ", "name", "a text in each language: ko, en", "작은마당"),
    ('name = { ko = "작은마당 협동조합"', 'name = { ko = "작은마당"', "작은마당", "name.ko", '"협동조합" (협동조합 기본법 art. 3 (1))', "작은마당"),
    ("share_price = 10000", "share_price = 10000.0", "10000.0", "classes[0].share_price", "an amount of KRW, such as 10000", "10000.0"),
    ("share_price = 10000", 'share_price = "ten"', "ten", "classes[0].share_price", "an amount of KRW", '"ten"'),
    ("share_price = 10000", "share_price = -1", "-1", "classes[0].share_price", "an amount of KRW", "-1"),
    ("share_price = 10000", 'share_price = "10.50"', "10.50", "classes[0].share_price", "an amount of KRW", '"10.50"'),
    ("share_price = 10000", "share_price = true", "share_price = true", "classes[0].share_price", "an amount of KRW", "true"),
    ("share_price = 10000", "share_price = 20000", "= 10000", "classes[1].share_price", "the same price of a share for every class (협동조합 기본법 art. 16 (2))", "10000"),
    ("share_price = 10000", "share_price = 10000\nmin_shares = 0", "min_shares", "classes[0].min_shares", "at least 1 shares (협동조합 기본법 art. 22 (1))", "0"),
    ("share_price = 10000", "share_price = 10000\nvotes = false", "votes", "classes[0].votes", "a vote for every member (협동조합 기본법 art. 23 (1))", "False"),
    ('voters = "both"', 'voters = "people"', "voters", "voters", 'voters = "both"', "people"),
    ('holder = "organisation"', 'holder = "organization"', "organization", "classes[2].holder", 'did you mean "organisation"', '"organization"'),
    ('admission = "office:coordinator"', 'admission = "office:cordinator"', "cordinator", "classes[0].admission", 'did you mean "coordinator"', '"cordinator"'),
    ('admission = "vote:policy"', 'admission = "vote:polcy"', "polcy", "classes[2].admission", 'did you mean "policy"', '"polcy"'),
    ('admission = "vote:policy"', 'admission = "by vote"', "by vote", "classes[2].admission", '"open", "office:<key>" or "vote:<way>"', '"by vote"'),
    ('key = "client"', 'key = "worker"', 'key = "worker"', "classes[1].key", "each only once; it stands in line", '"worker"'),
    ('key = "client"', 'key = "Client Member"', "Client Member", "classes[1].key", "a short word", '"Client Member"'),
    ('role = "director"', 'role = "president"', "president", "offices[0].role", '"director", "auditor"', '"president"'),
    ('does = ["payouts", "books"]', 'does = ["payout"]', "payout", "offices[2].does[0]", 'did you mean "payouts"', '"payout"'),
    ('does = ["payouts", "books"]', 'does = "payouts"', "payouts", "offices[2].does", "a list of duties", '"payouts"'),
    ('does = ["payouts", "books"]', 'does = ["books"]', "[[offices]]", "offices", 'does = ["payouts"]: sends out what people earned', "nothing there"),
    ('does = ["coordination", "books", "share-offers"]', "", "[[offices]]", "offices", 'does = ["coordination"]', "nothing there"),
    ("seats = 5", "seats = 0", "seats = 0", "offices[0].seats", "a whole number from 1 to 100", "0"),
    ("seats = 5", "seats = 2", 'offices = ["board"]', "founders[3].offices[0]", "at most 2 founders in this office", '"board"'),
    ("seats = 5", "seats = 5\nterm_months = 60", "term_months", "offices[0].term_months", "at most 48 months (협동조합 기본법 art. 35 (1))", "60"),
    ('filled_by = "office:board"', 'filled_by = "open"', 'filled_by = "open"', "offices[1].filled_by", '"vote:<way>" or "office:<key>"', '"open"'),
    ('filled_by = "office:board"', 'filled_by = "office:bord"', "office:bord", "offices[1].filled_by", 'did you mean "board"', '"bord"'),
    ('email = "f5@example.org"', 'email = "F1@example.org"', "F1@example.org", "founders[4].email", "each only once; it stands in line", '"F1@example.org"'),
    ('email = "f5@example.org"', 'email = "f5"', 'email = "f5"', "founders[4].email", "an e-mail address", '"f5"'),
    ('name = "최다온"', 'name = ""', 'name = ""', "founders[4].name", "a text of 1 to 80", '""'),
    ('offices = ["auditor"]', 'offices = ["auditr"]', "auditr", "founders[2].offices[0]", 'did you mean "auditor"', '"auditr"'),
    ('offices = ["auditor"]', 'offices = ["auditor", "board"]', '"auditor", "board"', "founders[2].offices", "not director and auditor at once", "auditor, board"),
    ('offices = ["auditor"]', "", "[[founders]]", "founders", 'at least 1 founders in offices with role = "auditor" (협동조합 기본법 art. 34 (1))', "0"),
    ('offices = ["board"]', "", "[[founders]]", "founders", 'at least 3 founders in offices with role = "director"', "2"),
    ('quorum = "20%"', 'quorum = "120%"', "120%", "ways.policy.quorum", "", '"120%"'),
    ('voting = "5d"', 'voting = "five days"', "five days", "ways.policy.voting", "", '"five days"'),
    ('voting = "5d"', 'votign = "5d"', "votign", "ways.policy.votign", "", ""),
    ('voting = "5d"', 'voting = "5d"\nper_class.workers.majority = "50%"', "per_class", "ways.policy.per_class.workers", 'did you mean "worker"', '"workers"'),
    ('voting = "5d"', 'voting = "5d"\nelectorate = ["worker", "guest"]', "electorate", "ways.policy.electorate[1]", "a class of this charter", '"guest"'),
    ('voting = "5d"', 'voting = "5d"\ndraft = "office:bord"', "draft", "ways.policy.draft", 'did you mean "board"', '"bord"'),
    ('voting = "5d"', 'voting = "5d"\nbarred = ["guest"]', "barred", "ways.policy.barred", "a class of this charter", '"guest"'),
    ('voting = "5d"', 'voting = "5d"\nweights = { worker = "70%", client = "40%" }', "weights", "ways.policy.weights", "at most 100%", '"110%"'),
    ('voting = "5d"', 'voting = "5d"\nweights.worker = "40%"', "weights", "ways.policy.weights", "the same vote for every member: classes do not carry parts of it (협동조합 기본법 arts. 23, 75)", "40%"),
    ('voting = "5d"', 'voting = "5d"\ncaps.client = "10%"', "caps", "ways.policy.caps", "(협동조합 기본법 arts. 23, 75)", "10%"),
    ('voting = "5d"', 'voting = "5d"\ndelegation.most = 3', "delegation", "ways.policy.delegation", "a member votes or gives a proxy (협동조합 기본법 art. 23 (2), (3))", "3"),
    ("[ways.policy]", "[ways.Policy]", "[ways.Policy]", "ways.Policy", "a short word", '"Policy"'),
    ("[ways.policy]", "[ways.other]", "[ways.other]", "ways", "[ways.policy]", "other"),
]


def test_what_a_platform_needs_is_asked_only_where_it_runs():
    without = changed('does = ["coordination", "books", "share-offers"]', "")
    assert [one.key for one in problems(without)] == ["offices"]
    assert reader.read(without.replace('platforms = ["services"]', "platforms = []"), "my.toml", now=NOW).platforms == ()


@pytest.mark.parametrize(("old", "new", "where", "key", "expected", "found"), MISTAKES, ids=[f"{case[3]}-{case[1][:24]}" for case in MISTAKES])
def test_a_mistake(old, new, where, key, expected, found):
    text = changed(old, new)
    told = problems(text)
    same = [one for one in told if one.key == key and expected in one.expected and found in one.found]
    assert same, [str(one) for one in told]
    assert same[0].line in [number for number, line in enumerate(text.splitlines(), 1) if where in line], str(same[0])
    assert str(same[0]).startswith(f"my.toml:{same[0].line}: {key}: expected ")


RULES = [
    ('[rules]\n"services.splt" = { provider = "95%", upkeep = "5%" }', "services.splt", 'rules."services.splt"', 'did you mean "services.split"'),
    ('[rules.services]\nsplt = "95%"', "splt", "rules.services.splt", 'did you mean "services.split"'),
    ('[rules]\n"services.split" = { provider = "95%", upkeep = "6%" }', "upkeep", 'rules."services.split"', "100"),
    ('[rules.services]\nsplit = { provider = "95%", upkeep = "x" }', "split", "rules.services.split.upkeep", ""),
    ('[rules.services]\nhold = "15"', "hold", "rules.services.hold", ""),
    ('[rules.services]\nhold = "15m"\n[rules]\n"services.hold" = "15m"', "", "", ""),
    ('[rules.ways]\npolicy = "x"', "[rules.ways]", "rules.ways", "ways of deciding stand under [ways]"),
    ('[rules.services.cancel]\nclient = [\n  { at_least = "2h", percent = "10%" },\n  { at_least = "x", percent = "10%" },\n]', '"x"', "rules.services.cancel.client[1].at_least", ""),
    ("[rules.services.refresh]\nbase = 1.5", "base = 1.5", "rules.services.refresh.base", ""),
]


@pytest.mark.parametrize(("extra", "where", "key", "expected"), RULES)
def test_a_mistake_in_a_rule(extra, where, key, expected):
    text = GOOD + "\n" + extra + "\n"
    told = problems(text)
    if key:
        same = [one for one in told if one.key == key and expected in one.expected]
        assert same, [str(one) for one in told]
        assert where in text.splitlines()[same[0].line - 1], str(same[0])


@pytest.mark.parametrize("key", ["name", "slug", "law", "currency", "time_zone", "languages", "classes", "founders", "ways"])
def test_a_missing_key_is_named(key):
    text = re.sub(rf"(?ms)^{key} = .*?$|^\[\[{key}\]\].*?(?=^\[\[(?!{key})|^\[ways|\Z)|^\[{key}\..*?\Z", "", GOOD)
    assert any(one.key == key and "this key" in one.expected and one.found == "nothing there" for one in problems(text))


def test_too_few_founders_for_the_law():
    text = GOOD[: GOOD.index('[[founders]]\nname = "최다온"')] + GOOD[GOOD.index("[ways.policy]") :]
    (one,) = [one for one in problems(text) if one.key == "founders"]
    assert "at least 5 founders (협동조합 기본법 art. 15 (1))" in one.expected and one.found.startswith("4")
    assert one.line == line_of(text, "[[founders]]")


def test_an_organisation_class_asks_for_its_name_and_a_persons_class_for_none():
    told = problems(changed('email = "f5@example.org"\nclass = "client"', 'email = "f5@example.org"\nclass = "provider"'))
    assert any(one.key == "founders[4].class" and "organisation" in one.expected for one in told)
    told = problems(changed('email = "f5@example.org"', 'email = "f5@example.org"\norganisation = "X"'))
    assert any(one.key == "founders[4].organisation" and "no organisation" in one.expected for one in told)


def test_all_mistakes_at_once_in_the_order_of_the_file():
    text = changed('currency = "KRW"', 'currency = "WON"').replace('class = "client"', 'class = "clients"').replace("demo = true", "demo = 1").replace("seats", "seat")
    told = problems(text)
    assert {"currency", "demo", "offices[0].seat", "founders[3].class", "founders[4].class"} <= {one.key for one in told}
    assert [one.line for one in told] == sorted(one.line for one in told)


@pytest.mark.parametrize(
    ("text", "line", "key", "said"),
    [
        ('name = "x\n', 1, "", "valid TOML"),
        ("a = 1\nb =\n", 2, "", "valid TOML"),
        ("a = 1\n[b\n", 2, "", "valid TOML"),
        ("a = 1\n\na = 2\n", 3, "a", "each key only once"),
        ('a = 1\n[rules]\n"services.split" = 1\n"services.split" = 2\n', 4, 'rules."services.split"', "each key only once"),
        ("[x]\n[x]\n", 2, "x", "each key only once"),
    ],
)
def test_what_is_not_toml(text, line, key, said):
    (one,) = problems(text)
    assert (one.line, one.key) == (line, key) and said in one.expected


def test_files_that_cannot_be_read(tmp_path):
    for name, content in {"big.toml": b"#" * 1_000_001, "latin.toml": "a = 'x'\nb = 'é'\n".encode("latin-1")}.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(BadCharter) as no:
            reader.read_file(path, now=NOW)
        assert no.value.problems[0].file == str(path)
    assert no.value.problems[0].line == 2
    with pytest.raises(BadCharter):
        reader.read_file(tmp_path / "nowhere.toml", now=NOW)
    bom = tmp_path / "bom.toml"
    bom.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert reader.read_file(bom, now=NOW).slug == "little-yard"


def test_mistakes_are_told_in_korean():
    with translation.override("ko"):
        one = problems(changed('currency = "KRW"', 'currency = "WON"'))[0]
        assert str(one).startswith("my.toml:") and re.search("[가-힣]", str(one))


LINES = GOOD.splitlines()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(["", "x = 1", "key = 5", "[[classes]]", "[ways]", 'title = "x"', "founders = 3", "rules = []", "ways = 1", "[name]", "classes = [1]"])), min_size=1, max_size=4))
def test_no_broken_charter_breaks_the_reader(changes):
    lines = list(LINES)
    for place, text in changes:
        lines[place] = text
    text = "\n".join(lines)
    try:
        reader.read(text, "my.toml", now=NOW)
    except BadCharter as no:
        for one in no.problems:
            assert 1 <= one.line <= len(lines) + 1
