"""``madang books``: the command, what it refuses, and what every entry says of itself."""

from __future__ import annotations

import argparse
import io
from datetime import date, timedelta

import pytest

from madang.coop import ledger
from madang.coop.ledger.books import export
from madang.coop.ledger.moves import Move

pytestmark = pytest.mark.django_db


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    return parser.parse_args(words)


def text(fmt: str, **wish) -> str:
    into = io.StringIO()
    export.write(into, fmt, **wish)
    return into.getvalue()


@pytest.mark.parametrize("words", [("--format", "gnucash"), ("--format", "csv", "--at", "yesterday"), ("--format", "csv", "--at", "9999-12-31"), ()])
def test_what_cannot_be_asked(words, capsys) -> None:
    with pytest.raises(SystemExit) as no:
        asked(*words)
    assert no.value.code == 2 and capsys.readouterr().err


def test_a_file_is_whole_its_owners_only_and_never_overwritten(done, tmp_path, capsys) -> None:
    target = tmp_path / "new" / "books.journal"
    assert export.run(asked("--format", "hledger", "--out", str(target))) == 0
    assert target.read_text(encoding="utf-8") == text("hledger", lang="ko")  # the co-op's first language
    assert target.stat().st_mode & 0o077 == 0 and [one.name for one in target.parent.iterdir()] == ["books.journal"]
    before = target.read_bytes()
    assert export.run(asked("--format", "csv", "--out", str(target))) == 1 and target.read_bytes() == before
    assert "already" in capsys.readouterr().err
    (tmp_path / "a-file").write_text("")
    assert export.run(asked("--format", "csv", "--out", str(tmp_path / "a-file" / "x"))) == 1
    assert export.run(asked("--format", "ledger", "--lang", "en")) == 0
    assert capsys.readouterr().out.endswith(text("ledger", lang="en"))


@pytest.mark.parametrize("fmt", sorted(export.FORMATS))
def test_every_entry_says_where_it_comes_from(done, fmt) -> None:
    said = text(fmt, lang="en")
    assert str(done.entry.pk) in said and str(done.version.pk) in said and done.version.key in said
    assert "95 % of 52000" in said
    for secret in ("worker@", "Bright", str(done.worker.pk), str(done.place.pk), str(done.client.pk)):
        assert secret not in said


@pytest.mark.parametrize("fmt", sorted(export.FORMATS))
def test_when_it_counts_and_when_it_was_booked(done, now, fmt) -> None:
    move = Move(ledger.account("clearing", "rail:sandbox", "USD"), ledger.account("upkeep", "", "USD"), 1_234_567, "upkeep")
    ledger.post("late", [move], key="late", subject="", effective_at=now + timedelta(days=40), now=now + timedelta(days=3))
    said = text(fmt, lang="en")
    assert "2026-04-11" in said and "2026-03-05" in said and "12345.67" in said
    assert "12345.67" not in text(fmt, lang="en", at=date(2026, 4, 10)) and "12345.67" in text(fmt, lang="en", at=date(2026, 4, 11))


def test_a_day_ends_by_the_coops_clock(done, now) -> None:
    """Seoul is nine hours ahead: 20:00 UTC on the 10th is the 11th there."""
    move = Move(ledger.account("clearing", "rail:sandbox", "KRW"), ledger.account("upkeep", "", "KRW"), 987, "upkeep")
    ledger.post("late", [move], key="late", subject="", effective_at=now.replace(day=10, hour=20), now=now)
    assert " 987 KRW" not in text("hledger", lang="en", at=date(2026, 3, 10)) and " 987 KRW" in text("hledger", lang="en", at=date(2026, 3, 11))
