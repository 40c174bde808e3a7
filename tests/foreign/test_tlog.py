"""Other people's log tools judge our log: the files of an export, and the addresses of a running server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from madang.coop import record
from madang.coop.record import keys
from madang.kit import merkle, note, tiles
from madang.kit.verify.receipt import loads
from tests.kit.verify.world import SIGNER, World, honest

pytestmark = pytest.mark.foreign
JUDGE = "aics-tlog==0.2.1"  # declares Python ≥ 3.12 and runs on 3.11; needs only `cryptography`, which we have

Judge = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """``judge("verify-checkpoint", …)``: what the foreign tool answers; it must be content unless ``content=False``."""
    target = tmp_path_factory.mktemp("judge")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check", "--ignore-requires-python", "--no-deps"]
    made = subprocess.run([*command, "--target", str(target), JUDGE], capture_output=True, text=True, timeout=120)
    if made.returncode:
        pytest.skip(f"{JUDGE} cannot be installed here: {made.stderr.strip().splitlines()[-1:]}")

    def ask(*arguments: str, content: bool = True) -> dict[str, Any]:
        environment = {**os.environ, "PYTHONPATH": str(target)}
        done = subprocess.run([sys.executable, "-m", "aics_tlog", *arguments], capture_output=True, text=True, env=environment, timeout=60, cwd=target)
        assert (done.returncode == 0) == content, done.stdout + done.stderr
        return dict(json.loads(done.stdout))

    return ask


def hold(folder: Path, world: World) -> list[str]:
    return ["--tiles", str(folder), "--log-key", world.signer.verifier.vkey, "--origin", world.signer.name]


@pytest.mark.parametrize("entries", [0, 246, 600])
def test_an_export_is_a_log_to_others(entries: int, judge: Judge, tmp_path: Path) -> None:
    world = honest(entries)
    folder = world.write(tmp_path / "export")
    assert judge("verify-checkpoint", "--note", str(folder / "checkpoint"), "--log-key", SIGNER.verifier.vkey, "--origin", SIGNER.name)
    hashes = [merkle.leaf_hash(entry) for entry in world.entries()]
    for index in {0, len(hashes) // 2, len(hashes) - 1}:
        assert judge("verify-inclusion", "--index", str(index), "--leaf-hash", hashes[index].hex(), *hold(folder, world))
    older = tmp_path / "older"
    older.write_text(world.checkpoint(7))
    assert judge("verify-consistency", "--old-checkpoint", str(older), *hold(folder, world))


def test_others_refuse_what_we_refuse(judge: Judge, tmp_path: Path) -> None:
    world, other = honest(300), honest(300)
    folder = world.write(tmp_path / "export")
    wrong = merkle.leaf_hash(b"another").hex()
    judge("verify-inclusion", "--index", "4", "--leaf-hash", wrong, *hold(folder, world), content=False)
    other.leaves[1].bodies[0]["value"] = "another history"
    older = tmp_path / "older"
    older.write_text(other.checkpoint(7))
    judge("verify-consistency", "--old-checkpoint", str(older), *hold(folder, world), content=False)
    (folder / "checkpoint").write_bytes((folder / "checkpoint").read_bytes().replace(b"\n310\n", b"\n311\n"))
    judge("verify-checkpoint", "--note", str(folder / "checkpoint"), "--log-key", SIGNER.verifier.vkey, content=False)


def test_our_receipt_is_a_proof_to_others(judge: Judge, tmp_path: Path) -> None:
    """The proof inside a member's receipt, taken apart and given to the other tool."""
    receipt = loads(honest(300).receipt(200, 1))
    checkpoint = note.open_checkpoint(receipt.proof.checkpoint, SIGNER.verifier)
    proof = tmp_path / "proof"
    proof.write_text("".join(f"{item.hex()}\n" for item in receipt.proof.path))
    (tmp_path / "leaf").write_bytes(receipt.entry.dumps())
    root = receipt.proof.checkpoint.split("\n")[2]
    arguments = ["--index", "200", "--size", str(checkpoint.size), "--root", root, "--proof", str(proof)]
    assert judge("verify-inclusion", "--leaf", str(tmp_path / "leaf"), *arguments)
    (tmp_path / "leaf").write_bytes(receipt.entry.dumps() + b" ")
    judge("verify-inclusion", "--leaf", str(tmp_path / "leaf"), *arguments, content=False)


@pytest.mark.django_db(transaction=True)
def test_a_running_server_is_a_log_to_others(
    judge: Judge, live_server: Any, now: datetime, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA = tmp_path
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)
    record.write_many([("entry", f"entry:{number}", [{"n": number}], False, now) for number in range(300)])
    first = record.seal(now)
    record.write_many([("entry", f"entry:{number}", [{"n": number}], False, now) for number in range(300, 600)])
    record.seal(now)
    assert first is not None
    (tmp_path / "older").write_text(first.note)
    where = ["--tiles", f"{live_server.url}/record", "--log-key", first.key]
    assert judge("verify-checkpoint", *where)
    assert judge("verify-consistency", "--old-checkpoint", str(tmp_path / "older"), *where)
    entry = tiles.split_bundle(record_bundle())[0]
    (tmp_path / "leaf").write_bytes(entry)
    assert judge("verify-inclusion", "--index", "256", "--leaf", str(tmp_path / "leaf"), *where)


def record_bundle() -> bytes:
    """The second entry bundle, as stored."""
    from madang.coop.record import queries

    return queries.tile(tiles.Tile(None, 1), 600)
