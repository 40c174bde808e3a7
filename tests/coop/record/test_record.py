"""Writing, sealing, showing one line, erasing; and what the database itself refuses."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from madang.coop import record
from madang.coop.record import keys, queries, sealing
from madang.coop.record.models import Checkpoint, Leaf, LeafLine, PendingLeaf, Tile
from madang.kit import merkle, note, tiles
from madang.kit.errors import Missing, Refused
from madang.kit.note import Signer
from madang.kit.verify import receipt as receipts
from madang.kit.verify.lines import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the test's own."""
    settings.DATA = tmp_path
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)


def fill(count: int, now: datetime, start: int = 0) -> None:
    record.write_many([("entry", f"entry:{number}", [{"n": number}], False, now) for number in range(start, start + count)])


def test_a_leaf_holds_hashes_and_the_lines_stay_apart(now: datetime) -> None:
    pending = record.write("entry", "entry:1", [{"amount": 49400, "to": "Kim"}, {"amount": 2600}], public=False, now=now)
    entry = Entry.loads(bytes(pending.entry))
    assert (entry.kind, entry.subject, entry.at, entry.lines) == ("entry", "entry:1", "2026-03-02T00:00:00Z", 2)
    assert b"Kim" not in bytes(pending.entry) and b"49400" not in bytes(pending.entry)
    assert [bytes(line.line_hash) for line in LeafLine.objects.order_by("line_no")]
    assert merkle.root([bytes(line.line_hash) for line in LeafLine.objects.order_by("line_no")]) == entry.root


def test_same_words_never_hash_the_same(now: datetime) -> None:
    for number in range(2):
        record.write("entry", f"entry:{number}", [{"vote": "yes"}], public=False, now=now)
    first, second = (bytes(line.line_hash) for line in LeafLine.objects.all())
    assert first != second


@pytest.mark.parametrize(
    ("kind", "subject", "line"),
    [("Entry", "entry:1", {}), ("entry", "Kim Minji", {}), ("entry", "entry:" + "x" * 200, {}), ("entry", "entry:1", {"amount": 1.5}), ("", "entry:1", {})],
)
def test_what_cannot_be_recorded_is_refused(kind: str, subject: str, line: dict[str, Any], now: datetime) -> None:
    with pytest.raises(ValueError):
        record.write(kind, subject, [line], public=False, now=now)
    with pytest.raises(ValueError):
        record.write("entry", "entry:1", [], public=False, now=now.replace(tzinfo=None))


def test_a_rolled_back_action_leaves_no_trace(now: datetime) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        record.write("entry", "entry:1", [{}], public=False, now=now)
        raise RuntimeError
    assert not PendingLeaf.objects.exists() and not LeafLine.objects.exists()
    assert record.seal(now) is None


@pytest.mark.parametrize("batches", [[1], [1, 1, 1], [255, 1, 1], [300], [256, 256, 1], [5, 700]])
def test_sealing_in_any_batches_gives_the_tree_of_all_leaves(batches: list[int], now: datetime) -> None:
    done = 0
    for count in batches:
        fill(count, now, start=done)
        done += count
        checkpoint = record.seal(now)
        assert checkpoint and checkpoint.size == done
    hashes = [bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("index")]
    assert [leaf.subject for leaf in Leaf.objects.order_by("index")] == [f"entry:{number}" for number in range(done)]
    assert hashes == [merkle.leaf_hash(bytes(leaf.entry)) for leaf in Leaf.objects.order_by("index")]
    checkpoint = queries.latest()
    assert checkpoint and merkle.root(hashes) == bytes(checkpoint.root)
    verifier = keys.verifier()
    assert verifier and note.open_checkpoint(checkpoint.note, verifier) == note.Checkpoint(verifier.name, done, bytes(checkpoint.root))
    assert not PendingLeaf.objects.exists()
    assert Tile.objects.filter(level=0).count() == done // 256
    assert sealing.edge_of(done).root() == bytes(checkpoint.root)


def test_small_batches_and_three_levels_of_tiles(now: datetime) -> None:
    fill(66_000, now)
    first = sealing.seal(now, batch=50_000)
    assert first and first.size == 66_000 and Checkpoint.objects.count() == 2
    assert [Tile.objects.filter(level=level).count() for level in (0, 1, 2)] == [257, 1, 0]
    tree = queries.tree(first)
    assert tree.root() == bytes(first.root)
    earlier = queries.checkpoint_at(50_000)
    assert earlier is not None
    merkle.verify_consistency(50_000, 66_000, bytes(earlier.root), bytes(first.root), tree.consistency(50_000))
    for index in (0, 255, 256, 65_535, 65_536, 65_999):
        merkle.verify_inclusion(bytes(queries.leaf(index).leaf_hash), index, first.size, tree.inclusion(index), bytes(first.root))


def test_sealing_again_signs_nothing_new(now: datetime) -> None:
    fill(3, now)
    assert record.seal(now) == record.seal(now + timedelta(hours=1))
    assert Checkpoint.objects.count() == 1


def test_a_receipt_shows_one_line_and_verifies_for_ever(now: datetime) -> None:
    fill(300, now)
    record.write("entry", "entry:mine", [{"amount": 49400}, {"amount": 2600}, {"amount": 7}], public=False, now=now)
    with pytest.raises(Refused, match="waiting"):
        record.receipt("entry:mine", 1)
    record.seal(now)
    text = record.receipt("entry:mine", 1)
    fill(300, now, start=1000)
    record.seal(now)
    receipt = receipts.loads(text.replace("\n", "\r\n"))
    verifier = keys.verifier()
    assert verifier and receipt.verify(verifier).size == 301
    assert receipt.body == {"amount": 2600} and "49400" not in str(receipt)
    assert receipts.loads(record.receipt("entry:mine", 2)).verify(verifier).size == 601
    with pytest.raises(receipts.ReceiptError) as wrong:
        receipt.verify(Signer.generate(verifier.name).verifier)
    assert wrong.value.code == "signature"
    for line in (3, -1):
        with pytest.raises(Missing):
            record.receipt("entry:mine", line)
    with pytest.raises(Missing):
        record.receipt("entry:nobody", 0)


def test_whether_the_record_here_continues_another_one(now: datetime) -> None:
    assert queries.checkpoint_text() == "" and not queries.extends("")
    fill(300, now)
    record.seal(now)
    older = queries.checkpoint_text()
    fill(300, now, start=300)
    record.seal(now)
    assert queries.extends(older) and queries.extends(queries.checkpoint_text())
    signer = keys.signer()
    assert signer is not None
    for size, root in ((300, merkle.EMPTY_ROOT), (601, merkle.EMPTY_ROOT)):
        assert not queries.extends(signer.sign(note.Checkpoint(signer.name, size, root).text))
    assert not queries.extends(Signer.generate(signer.name).sign(note.split(older)[0]))
    assert not queries.extends("nonsense")


def test_the_newest_leaf_of_a_subject_and_kind(now: datetime) -> None:
    for kind in ("decision.opened", "decision.tally"):
        record.write(kind, "decision:1", [{"kind": kind}], public=True, now=now)
    record.seal(now)
    assert receipts.loads(record.receipt("decision:1")).body == {"kind": "decision.tally"}
    assert receipts.loads(record.receipt("decision:1", kind="decision.opened")).body == {"kind": "decision.opened"}
    found = queries.leaf_for("decision:1", "decision.opened")
    assert found and found.index == 0 and queries.lines(found)[0].body == {"kind": "decision.opened"}


def test_erasing_forgets_the_words_and_keeps_every_proof(now: datetime) -> None:
    record.write("entry", "entry:1", [{"name": "Kim"}, {"name": "Lee"}], public=False, now=now)
    record.seal(now)
    before = queries.latest()
    assert record.erase("entry:1", 0) == 1 and record.erase("entry:1", 0) == 0
    assert not LeafLine.objects.filter(body__contains="Kim").exists()
    with pytest.raises(Refused, match="erased"):
        record.receipt("entry:1", 0)
    verifier = keys.verifier()
    assert verifier and before and receipts.loads(record.receipt("entry:1", 1)).verify(verifier).size == before.size
    record.write("entry", "entry:2", [{"name": "Park"}], public=False, now=now)
    assert record.erase("entry:2") == 1
    assert record.seal(now)


def test_public_lines_are_not_erased_and_unknown_ones_are_missing(now: datetime) -> None:
    record.write("rule", "rule:1", [{"value": "95%"}], public=True, now=now)
    for _ in range(2):
        with pytest.raises(Refused, match="public"):
            record.erase("rule:1")
        with pytest.raises(IntegrityError, match="record_leafline"), transaction.atomic():
            LeafLine.objects.update(salt=None, body=None)
        record.seal(now)
    with pytest.raises(Missing):
        record.erase("rule:2")


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("UPDATE record_leaf SET kind = 'x'", "record_leaf"),
        ("DELETE FROM record_leaf WHERE index = 0", "record_leaf"),
        ("TRUNCATE record_leaf", "record_leaf"),
        ("UPDATE record_tile SET data = ''", "record_tile"),
        ("DELETE FROM record_tile", "record_tile"),
        ("TRUNCATE record_tile", "record_tile"),
        ("UPDATE record_checkpoint SET note = ''", "record_checkpoint"),
        ("DELETE FROM record_checkpoint", "record_checkpoint"),
        ("TRUNCATE record_checkpoint", "record_checkpoint"),
        ("DELETE FROM record_leafline", "record_leafline"),
        ("UPDATE record_leafline SET body = '{}'", "record_leafline"),
        ("UPDATE record_leafline SET body = NULL", "record_leafline"),
        ("UPDATE record_leafline SET salt = NULL, body = NULL, line_no = 9", "record_leafline"),
        ("UPDATE record_leafline SET salt = NULL, body = NULL, line_hash = ''", "record_leafline"),
        ("TRUNCATE record_leafline", "record_leafline"),
        ("DELETE FROM record_pendingleaf", "record_pendingleaf"),
        ("UPDATE record_pendingleaf SET entry = ''", "record_pendingleaf"),
        ("TRUNCATE record_pendingleaf", "record_pendingleaf"),
        ("INSERT INTO record_leaf SELECT 999, id, kind, subject, at, public, entry, leaf_hash FROM record_pendingleaf", "record_leaf"),
    ],
)
def test_the_database_refuses_whoever_asks(sql: str, table: str, now: datetime) -> None:
    fill(256, now)
    record.seal(now)
    fill(1, now, start=256)
    with pytest.raises(DatabaseError, match=table), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert record.seal(now)


def test_an_erased_line_cannot_be_written_back(now: datetime) -> None:
    fill(1, now)
    record.erase("entry:0")
    with pytest.raises(IntegrityError, match="record_leafline"), transaction.atomic():
        LeafLine.objects.update(salt=b"x" * 16, body="{}")


def test_a_tampered_tree_is_not_signed(now: datetime) -> None:
    fill(3, now)
    record.seal(now)
    fill(1, now, start=3)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE record_leaf SET leaf_hash = %s WHERE index = 1", [b"\x00" * 32])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    with pytest.raises(sealing.SealingError):
        record.seal(now)
    assert Checkpoint.objects.count() == 1 and PendingLeaf.objects.count() == 1


def test_the_key_is_made_once_and_only_its_owner_reads_it(now: datetime) -> None:
    assert keys.verifier() is None
    fill(1, now)
    record.seal(now)
    assert keys.path().stat().st_mode & 0o777 == 0o600
    first = keys.verifier()
    assert first == keys.ensure().verifier
    keys.path().unlink()
    fill(1, now, start=1)
    with pytest.raises(keys.KeyTrouble, match="bring that key back"):
        record.seal(now)
    keys.path().write_text(Signer.generate("stranger").secret)
    with pytest.raises(keys.KeyTrouble):
        record.seal(now)
    assert Checkpoint.objects.count() == 1 and PendingLeaf.objects.count() == 1


def test_the_key_may_come_from_the_environment(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = Signer.generate("coop.example/record")
    monkeypatch.setenv(keys.ENVIRONMENT, signer.secret)
    fill(1, now)
    checkpoint = record.seal(now)
    assert checkpoint and checkpoint.key == signer.verifier.vkey and not keys.path().exists()
    monkeypatch.setenv(keys.ENVIRONMENT, "nonsense")
    with pytest.raises(keys.KeyTrouble, match="cannot be read"):
        keys.signer()


@pytest.mark.parametrize(
    ("site", "slug", "origin"),
    [
        ("https://coop.example", "up", "coop.example/record"),
        ("https://coop.example/madang/", "", "coop.example/madang/record"),
        ("http://localhost:8000", "upandgo", "upandgo.localhost:8000/record"),
        ("http://localhost:8000", "", "localhost:8000/record"),
    ],
)
def test_the_name_of_the_log_is_its_address(site: str, slug: str, origin: str, settings: Any) -> None:
    settings.SITE_URL = site
    assert keys.origin(slug) == origin


@pytest.mark.parametrize("width", [1, 44, 255, 256])
def test_tiles_and_bundles_of_any_width_are_served_from_rows(width: int, now: datetime) -> None:
    fill(300, now)
    record.seal(now)
    hashes = [bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("index")]
    assert queries.tile(tiles.Tile(0, 0, width), 300) == b"".join(hashes[:width])
    assert [merkle.leaf_hash(entry) for entry in tiles.split_bundle(queries.tile(tiles.Tile(None, 0, width), 300))] == hashes[:width]
    for which in (tiles.Tile(0, 1, 45), tiles.Tile(0, 2, 1), tiles.Tile(1, 0, 2), tiles.Tile(2, 0, 1), tiles.Tile(None, 10**17, 1), tiles.Tile(63, 0, 1)):
        with pytest.raises(Missing):
            queries.tile(which, 300)


@pytest.mark.django_db(transaction=True)
def test_writers_and_sealers_at_once_lose_and_double_nothing(now: datetime) -> None:
    each, writers = 40, 4
    keys.ensure()
    failures: list[BaseException] = []

    def guarded(work: Any, *args: Any) -> None:
        try:
            work(*args)
        except BaseException as wrong:
            failures.append(wrong)
        finally:
            connection.close()

    def write(who: int) -> None:
        for number in range(each):
            with transaction.atomic():
                record.write("entry", f"entry:{who}-{number}", [{"n": number}], public=False, now=now)
                if number % 10 == 9:
                    transaction.set_rollback(True)

    def seal() -> None:
        for _ in range(30):
            sealing.seal(now, batch=7)

    threads = [threading.Thread(target=guarded, args=(write, who)) for who in range(writers)]
    threads += [threading.Thread(target=guarded, args=(seal,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    record.seal(now)
    subjects = list(Leaf.objects.order_by("index").values_list("subject", flat=True))
    assert len(subjects) == len(set(subjects)) == writers * each * 9 // 10
    for who in range(writers):  # what one writer did later stands later
        mine = [int(subject.split("-")[1]) for subject in subjects if subject.startswith(f"entry:{who}-")]
        assert mine == sorted(mine)
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(len(subjects)))
    latest = queries.latest()
    assert latest and merkle.root([bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("index")]) == bytes(latest.root)


def test_a_leaf_that_is_being_sealed_is_not_missed(now: datetime) -> None:
    """Leaves move from waiting to sealed only: whoever looks for the sealed ones first may find a leaf on its way in neither place."""
    fill(1, now)
    asked: list[str] = []

    def sealed_after_the_first_look(execute: Any, sql: str, *more: Any) -> Any:
        found = execute(sql, *more)
        if not asked and sql.startswith("SELECT"):
            asked.append(sql)
            sealing.seal(now)
        return found

    with connection.execute_wrapper(sealed_after_the_first_look):
        assert record.erase("entry:0") == 1
    assert asked
