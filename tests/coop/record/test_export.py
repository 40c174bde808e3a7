"""From the database to the sceptic's computer and back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from madang.coop import record
from madang.coop.record import checks, hooks, keys, queries
from madang.coop.record.export import export
from madang.coop.record.models import Tile
from madang.kit.errors import Refused
from madang.kit.verify import main
from madang.kit.verify.folder import verify_folder
from tests.kit.verify.world import World, honest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA = tmp_path / "data"
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)


def recorded(world: World) -> None:
    record.write_many(
        [(leaf.kind, leaf.subject, leaf.bodies, leaf.public, datetime.fromisoformat(leaf.at.replace("Z", "+00:00"))) for leaf in world.leaves]
    )


@pytest.mark.parametrize("entries", [3, 600])
def test_what_the_database_exports_the_verifier_accepts(entries: int, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(honest(entries))
    record.seal(now)
    record.erase("entry:0")
    manifest = export(tmp_path / "out")
    assert manifest.size == entries + 10
    verifier = keys.verifier()
    assert verifier and main([str(tmp_path / "out"), "--key", verifier.vkey]) == 0
    assert verify_folder(tmp_path / "out").opened == 10
    assert b'"amount":49400' not in b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    receipt = tmp_path / "receipt.txt"
    receipt.write_text(record.receipt("entry:1", 1))
    assert main([str(tmp_path / "out"), "--key", verifier.vkey, "--receipt", str(receipt)]) == 0
    assert "amount: 2600" in capsys.readouterr().out


def test_exporting_seals_what_waits_and_never_overwrites(now: datetime, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nothing"):
        export(tmp_path / "out")
    recorded(honest())
    (tmp_path / "out").mkdir()
    assert export(tmp_path / "out").size == 13 and queries.pending() == 0
    with pytest.raises(Refused, match="there"):
        export(tmp_path / "out")
    with pytest.raises(Refused, match="there"):
        export(tmp_path / "out" / "key")
    assert verify_folder(tmp_path / "out").good
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_command(now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    recorded(honest())
    (command,) = hooks.commands
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    arguments = parser.parse_args([str(tmp_path / "out")])
    assert command.run(arguments) == 0 and "13 leaves in 12 files" in capsys.readouterr().out
    assert command.run(arguments) == 1 and str(tmp_path / "out") in capsys.readouterr().err


def test_what_must_hold_holds_and_says_so_when_not(now: datetime) -> None:
    recorded(honest(600))
    assert "wait to be sealed" in checks.nothing_waits_long()[0]
    record.seal(now)
    assert [problem for check in hooks.checks for problem in check.find()] == []
    for sql, said in [
        ("UPDATE record_leaf SET entry = 'x' WHERE index = 7", "Leaf 7 does not hash"),
        ("UPDATE record_tile SET data = overlay(data placing 'xx' from 5)", "Tile 0/0 is not what"),
        ("DELETE FROM record_leaf WHERE index = 300", "Leaf 300 is missing"),
        ("DELETE FROM record_leaf WHERE index > 600", "is longer than the log"),
        ("DELETE FROM record_checkpoint", "no checkpoint of that size"),
        ("UPDATE record_checkpoint SET root = 'x'", "another root"),
    ]:
        assert any(said in problem for problem in harmed(sql, checks.tree_recomputes)), sql
    other_line = "UPDATE record_leafline SET line_hash = 'x' WHERE body LIKE '%2600,\"n\":0}'"
    assert any("lines of leaf 3" in problem for problem in harmed(other_line, checks.lines_fit))
    assert any("says something else" in problem for problem in harmed("UPDATE record_checkpoint SET root = 'x'", checks.checkpoints_are_signed))
    assert any("false" in problem for problem in harmed("UPDATE record_checkpoint SET note = replace(note, '610', '611')", checks.checkpoints_are_signed))
    assert Tile.objects.count() == 2
    keys.path().unlink()
    assert any("signing key" in problem for problem in checks.checkpoints_are_signed())


def harmed(sql: str, check: Any) -> list[str]:
    """What a check says of harm that no trigger could stop; then the harm is undone."""
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        problems = list(check())
        transaction.set_rollback(True)
    return problems
