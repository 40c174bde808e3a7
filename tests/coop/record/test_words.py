"""How the record reads."""

from django.utils.translation import override

from madang.coop.record import words

ID = "00000000-0000-4000-8000-000000000001"


def said(body: dict[str, object], language: str = "en") -> list[tuple[str, str]]:
    with override(language):
        return [(str(row.name), str(row.moment) if row.moment else " | ".join(row.lines)) for row in words.said(body)]


def test_what_people_look_for_comes_first_and_what_is_empty_not_at_all() -> None:
    assert said({"version": ID, "scope": "", "decision": None, "rule": "services.split", "effective_from": "2026-03-02T00:00:00Z"}) == [
        ("rule", "services.split"), ("in force from", "2026-03-02 00:00:00+00:00"), ("version", ID),
    ]  # fmt: skip


def test_values_read_as_words_in_the_readers_language() -> None:
    body = {"value": {"provider": "95%", "upkeep": "5%"}, "name": {"ko": "마당", "en": "Yard"}, "passed": True, "versions": [ID]}
    assert said(body) == [("value", "provider 95% · upkeep 5%"), ("name", "Yard"), ("passed", "yes"), ("versions", ID)]
    assert said(body, "ko")[1:3] == [("이름", "마당"), ("가결", "예")]


def test_lists_and_tallies_a_line_each() -> None:
    tally = {"classes": {"worker": {"passed": True, "for": 12, "against": 1, "abstain": 0}, "client": {"passed": False, "hidden": True}}}
    assert said(tally) == [("by class", "worker: passed yes · for 12 · against 1 · abstained 0 | client: passed no · figures hidden yes")]
    ladder = {"value": [{"at_least": "48h", "percent": "100%"}, {"at_least": "0h", "percent": "50%"}]}
    assert said(ladder) == [("value", "at_least 48h · percent 100% | at_least 0h · percent 50%")]


def test_headlines() -> None:
    with override("ko"):
        assert words.headline({"name": {"ko": "마당", "en": "Yard"}}) == "마당"
    assert words.headline({"title": "A decision", "rule": "x"}) == "A decision"
    assert words.headline({"n": 1}) == ""
    assert words.kind_name("weather") == "weather" and words.known_kind("a\x00b") == ""
