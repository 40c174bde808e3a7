"""The verifier as a sceptic: nothing that was touched may pass, and it says what."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.kit.note import Signer
from madang.kit.verify import main, verify_export
from madang.kit.verify.folder import verify_folder
from madang.kit.verify.receipt import loads
from tests.kit.verify.world import SIGNER, honest

KEY = SIGNER.verifier.vkey


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return honest().write(tmp_path / "export")


def everything(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_an_honest_export_verifies(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(export), "--key", KEY]) == 0
    assert "Verified: signed by coop.example/record" in capsys.readouterr().out
    assert main([str(export)]) == 0
    assert "Consistent, author unchecked" in capsys.readouterr().out
    report = verify_folder(export)
    assert (report.leaves, report.rules, report.decisions, report.problems) == (13, 3, 2, [])


def test_the_same_as_a_function(export: Path) -> None:
    assert verify_export(export, KEY) == verify_export(str(export)) == []
    (export / "README.txt").unlink()
    assert verify_export(export) == ["The file README.txt is missing."]
    with pytest.raises(ValueError, match="not a folder"):
        verify_export(export / "nowhere")


@pytest.mark.parametrize("entries", [0, 245, 246, 247, 300, 600])
def test_logs_around_the_edges_of_tiles(entries: int, tmp_path: Path) -> None:
    report = verify_folder(honest(entries).write(tmp_path / "export"), SIGNER.verifier)
    assert (report.problems, report.leaves) == ([], entries + 10)


def test_a_flip_of_any_byte_in_any_file_is_noticed_and_named(export: Path) -> None:
    for path in everything(export):
        data = path.read_bytes()
        for at in sorted({0, 1, len(data) // 3, len(data) // 2, len(data) - 2, len(data) - 1}):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            report = verify_folder(export)
            assert report.problems, f"{path} byte {at}"
            assert any(str(path.relative_to(export)) in problem for problem in report.problems), (path, at, report.problems)
        path.write_bytes(data)
    assert verify_folder(export).good


def test_every_single_byte_of_the_small_files(export: Path) -> None:
    for name in ("manifest", "checkpoint", "key", "public/decision.effect.jsonl"):
        data = (export / name).read_bytes()
        for at in range(len(data)):
            (export / name).write_bytes(data[:at] + bytes([data[at] ^ 0x04]) + data[at + 1 :])
            assert not verify_folder(export).good, f"{name} byte {at}"
        (export / name).write_bytes(data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_to_any_file(export: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(everything(export)))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    damaged = data.draw(
        st.sampled_from([whole[:at], whole[:at] + b"\n" + whole[at:], whole[at:], whole + whole[at:], whole[:at] + whole[at + 1 :]])
        | st.binary(max_size=50)
    )
    try:
        path.write_bytes(damaged)
        assert verify_folder(export).good == (damaged == whole)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda d: (d / "extra.txt").write_text("x"), "extra.txt was added"),
        (lambda d: (d / "public" / "extra.jsonl").write_text(""), "public/extra.jsonl was added"),
        (lambda d: (d / "tile" / "0" / "000.p" / "12").write_bytes(b"x" * 32), "000.p/12 was added"),
        (lambda d: (d / "empty").mkdir(), "empty is empty"),
        (lambda d: (d / "README.txt").unlink(), "README.txt is missing"),
        (lambda d: (d / "public" / "rule.jsonl").unlink(), "public/rule.jsonl is missing"),
        (lambda d: (d / "manifest").unlink(), "manifest does not hold"),
        (lambda d: (d / "key").unlink(), "key cannot be read"),
        (lambda d: (d / "link").symlink_to("key"), "link is a link"),
        (lambda d: os.mkfifo(d / "pipe"), "pipe is no ordinary file"),
    ],
)
def test_what_was_added_or_taken_is_named(harm: Any, said: str, export: Path) -> None:
    harm(export)
    problems = verify_folder(export).problems
    assert any(said in problem for problem in problems), problems


def test_a_file_that_became_a_link_to_the_same_bytes(export: Path, tmp_path: Path) -> None:
    for name in ("key", "checkpoint", "manifest", "public/rule.jsonl"):
        shutil.move(export / name, tmp_path / "elsewhere")
        (export / name).symlink_to(tmp_path / "elsewhere")
        assert not verify_folder(export).good, name
        (export / name).unlink()
        shutil.move(tmp_path / "elsewhere", export / name)
    assert verify_folder(export).good


def test_lines_in_another_order(export: Path) -> None:
    path = export / "public" / "rule.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    honest().sign(export)  # even by the author
    assert any("out of order" in problem for problem in verify_folder(export).problems)


def test_another_author(tmp_path: Path) -> None:
    world = honest()
    world.signer = Signer.generate(SIGNER.name)
    folder = world.write(tmp_path / "export")
    assert verify_folder(folder).good
    assert any("another author" in problem for problem in verify_folder(folder, SIGNER.verifier).problems)


def resigned(tmp_path: Path, path: str, change: Any) -> list[str]:
    """An author who changes a file and signs a manifest that fits it."""
    world = honest(300)
    files = world.files()
    files[path] = change(files[path])
    return verify_folder(world.write(tmp_path / "export", files), SIGNER.verifier).problems


def test_an_author_cannot_change_an_entry_a_tile_or_a_word(tmp_path: Path) -> None:
    problems = resigned(tmp_path / "a", "tile/entries/000", lambda data: data.replace(b"entry:7", b"entry:9", 1))
    assert any("Leaf 10 does not hash" in problem for problem in problems), problems
    problems = resigned(tmp_path / "b", "tile/0/001.p/54", lambda data: data[:-1] + b"x")
    assert any("Leaf 309 does not hash" in problem for problem in problems), problems
    problems = resigned(tmp_path / "c", "tile/1/000.p/1", lambda data: data[:-1] + b"x")
    assert any("tile/1/000.p/1" in problem for problem in problems), problems
    problems = resigned(tmp_path / "d", "public/rule.jsonl", lambda data: data.replace(b"94%", b"93%", 1))
    assert any("The words of leaf 305 (rule:v2)" in problem for problem in problems), problems


def test_an_author_cannot_drop_a_leaf_or_hide_its_words(tmp_path: Path) -> None:
    world = honest()
    files = world.files()
    shorter = honest()
    del shorter.leaves[4]
    files["tile/entries/000.p/13"] = shorter.files()["tile/entries/000.p/12"]
    problems = verify_folder(world.write(tmp_path / "dropped", files)).problems
    assert any("000.p/13 holds 12 leaves instead of 13" in problem for problem in problems), problems
    assert any("Leaf 4 does not hash" in problem for problem in problems), problems
    world = honest()
    world.one("decision.tally").public = False
    problems = verify_folder(world.write(tmp_path / "hidden")).problems
    assert any("must be open for everyone" in problem for problem in problems), problems


def test_a_file_that_does_not_belong_is_refused_even_when_signed(tmp_path: Path) -> None:
    world = honest()
    problems = verify_folder(world.write(tmp_path / "export", world.files() | {"notes.txt": b"hello"})).problems
    assert problems == ["The file notes.txt does not belong into an export of 13 leaves."]


def test_many_problems_are_counted_not_listed_for_ever(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = honest().write(tmp_path / "export")
    for number in range(80):
        (folder / f"extra{number}").write_text("")
    assert main([str(folder)]) == 1
    out = capsys.readouterr().out
    assert out.count("\n") == 52 and "and 30 more" in out


@pytest.mark.parametrize("arguments", [[], ["/nowhere/at/all"], ["--no-such-thing"], ["a", "b"], [".", "--key", "nonsense"], [".", "--receipt", "/nowhere"]])
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert main(arguments) == 2


def test_a_folder_that_is_no_export_is_not_verified(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1
    assert main(["--help"]) == 0


def test_a_receipt_alone_and_against_an_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = honest()
    folder = world.write(tmp_path / "export")
    (tmp_path / "key.txt").write_text(KEY + "\n")
    receipt = tmp_path / "receipt.txt"
    for size in (4, 7, 13):
        receipt.write_text(world.receipt(3, 1, size))
        assert main(["--receipt", str(receipt), "--key", str(tmp_path / "key.txt")]) == 0
        out = capsys.readouterr().out
        assert f"Verified against checkpoint of size {size} by coop.example/record." in out and "amount: 2600" in out and "49400" not in out
        assert main(["--receipt", str(receipt)]) == 0
        assert "author unchecked" in capsys.readouterr().out
        assert main([str(folder), "--receipt", str(receipt), "--key", KEY]) == 0
        assert "same history" in capsys.readouterr().out


def test_a_receipt_with_any_flipped_byte(tmp_path: Path) -> None:
    text = honest().receipt(3, 1).encode()
    receipt = tmp_path / "receipt.txt"
    for at in range(len(text) - 1):  # the last new line may be missing: people copy and paste
        receipt.write_bytes(text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :])
        assert main(["--receipt", str(receipt), "--key", KEY]) == 1, at


def test_a_receipt_of_another_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world, other = honest(), honest()
    other.leaves[2].bodies[0]["value"] = {**other.leaves[2].bodies[0]["value"], "quorum": "1%"}
    folder, receipt = world.write(tmp_path / "export"), tmp_path / "receipt.txt"
    receipt.write_text(other.receipt(3, 1, 7))
    assert main(["--receipt", str(receipt), "--key", KEY]) == 0  # it is signed …
    assert main([str(folder), "--receipt", str(receipt), "--key", KEY]) == 1  # … and that is the scandal
    assert "two records were shown" in capsys.readouterr().out
    longer = honest()
    longer.add("entry", "entry:x", "2026-04-01T00:00:00Z", {"n": 1}, public=False)
    receipt.write_text(longer.receipt(13))
    assert main([str(folder), "--receipt", str(receipt), "--key", KEY]) == 1
    assert "export again" in capsys.readouterr().out
    assert loads(longer.receipt(13)).origin == SIGNER.name
