"""The record's pages, its addresses for programs, and its API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.coop import record
from madang.coop.record import keys, queries
from madang.kit import merkle, note, tiles
from madang.kit.note import Signer
from madang.kit.verify.receipt import loads

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA = tmp_path
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)


@pytest.fixture
def filled(now: datetime) -> None:
    record.write("founding", "founding:1", [{"founding_id": "1", "name": {"ko": "마당"}}], public=True, now=now)
    record.write_many([("entry", f"entry:{number}", [{"amount": 49400 + number}, {"who": "Kim"}], False, now) for number in range(300)])
    record.write("rule", "rule:1", [{"rule": "services.split", "value": {"provider": "95%"}}], public=True, now=now)
    record.seal(now)


def test_an_empty_record_teaches_the_next_step(client: Client) -> None:
    assert "설립" in client.get("/record/", HTTP_ACCEPT_LANGUAGE="ko").content.decode()
    for path in ("checkpoint", "key", "tile/0/000.p/1", "leaf/0/", "receipt/0/0.txt"):
        assert client.get(f"/record/{path}").status_code == 404


def test_people_see_what_it_is_and_what_was_recorded(client: Client, filled: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        page = client.get("/record/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Money was booked" in page and "302" in page and "A rule got a value" in page and keys.verifier().vkey in page.replace("&#x27;", "'")  # type: ignore[union-attr]
    older = client.get("/record/?before=277", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "no. 276" in older and "no. 277" not in older and "no. 264" not in older
    assert "no. 301" in client.get("/record/?kind=rule", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    for odd in ("?before=x", "?kind=%00", "?before=999999999999999999999999", "?kind=nothing", "?before=²"):
        assert client.get(f"/record/{odd}").status_code == 200, odd


def test_a_public_leaf_is_read_and_a_private_one_is_not(client: Client, filled: None, django_assert_max_num_queries: Any) -> None:
    public = client.get("/record/leaf/301/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "services.split" in public and "/record/receipt/301/0.txt" in public
    with django_assert_max_num_queries(14):
        private = client.get("/record/leaf/5/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "2 lines" in private and "Kim" not in private and "49404" not in private and "receipt/5" not in private
    for number in (302, 10**30):
        assert client.get(f"/record/leaf/{number}/").status_code == 404


def test_only_public_lines_have_a_receipt_here(client: Client, filled: None) -> None:
    answer = client.get("/record/receipt/301/0.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8" and "attachment" in answer["Content-Disposition"]
    verifier = keys.verifier()
    assert verifier and loads(answer.content.decode()).verify(verifier).size == 302
    for path in ("5/0", "301/1", "999/0"):
        assert client.get(f"/record/receipt/{path}.txt").status_code == 404


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_receipt_is_checked_in_the_page(client: Client, filled: None, now: datetime, language: str) -> None:
    text = record.receipt("entry:4", 0)
    record.write("entry", "entry:later", [{}], public=False, now=now)
    record.seal(now)
    post = {"path": "/record/check/", "HTTP_ACCEPT_LANGUAGE": language}
    assert client.get(**post).status_code == 200
    for data in ({"text": text}, {"text": text.replace("\n", "\r\n")}, {"file": SimpleUploadedFile("r.txt", text.encode())}):
        answer = client.post(data=data, **post)
        assert answer.status_code == 200 and "49404" in answer.content.decode() and ("진짜" if language == "ko" else "genuine") in answer.content.decode()
    for data in ({}, {"text": "x" * 300_000}, {"file": SimpleUploadedFile("r.txt", b"\xff\xfe")}, {"file": SimpleUploadedFile("r.txt", b"x" * 300_000)}):
        answer = client.post(data=data, **post)
        assert answer.status_code == 200 and "notice-ok" not in answer.content.decode()


def finding(client: Client, text: str) -> dict[str, Any]:
    answer = client.post("/api/record/receipts/check", {"text": text}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_each_kind_of_false_receipt_is_told_apart(client: Client, filled: None, settings: Any, tmp_path: Any) -> None:
    text = record.receipt("entry:4", 0)
    good = finding(client, text)
    assert (good["verified"], good["code"], good["size"], good["body"]) == (True, "", 302, {"amount": 49404})
    assert finding(client, "hello")["code"] == "form"
    receipt = loads(text)
    assert finding(client, text.replace("index 5\n", "index 6\n"))["code"] == "tree"
    signer, stranger = keys.signer(), Signer.generate(keys.verifier().name)  # type: ignore[union-attr]
    assert signer is not None
    body = note.split(receipt.proof.checkpoint)[0]
    assert finding(client, text.partition("\n\n")[0] + "\n\n" + stranger.sign(body))["code"] == "signature"
    # the co-op's own key signs another history, and one that is longer than ours
    lone = merkle.leaf_hash(receipt.entry.dumps())
    for size, code in ((1, "history"), (1000, "newer")):
        tree = merkle.MemoryTree([lone] + [merkle.leaf_hash(b"other")] * (size - 1))
        checkpoint = signer.sign(note.Checkpoint(signer.name, size, tree.root()).text)
        forged = type(receipt.proof)(0, tree.inclusion(0), checkpoint, receipt.proof.extra)
        assert finding(client, forged.dumps())["code"] == code
    page = client.post("/record/check/", {"text": text.replace("index 5\n", "index 6\n")})
    assert page.status_code == 200 and "notice-bad" in page.content.decode()


def test_programs_read_the_log_as_tlog_tiles(client: Client, filled: None) -> None:
    answer = client.get("/record/checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8" and "max-age=2" in answer["Cache-Control"]
    checkpoint = note.open_checkpoint(answer.content.decode(), note.Verifier.parse(client.get("/record/key").content.decode().strip()))
    assert checkpoint.size == 302

    def read(tile: tiles.Tile) -> bytes:
        found = client.get(f"/record/{tile.path}")
        assert found.status_code == 200 and found["Content-Type"] == "application/octet-stream" and "immutable" in found["Cache-Control"]
        return found.content

    assert tiles.TiledTree(302, read).root() == checkpoint.root
    entries = [entry for tile in tiles.of_size(302) if tile.level is None for entry in tiles.split_bundle(read(tile))]
    assert merkle.root([merkle.leaf_hash(entry) for entry in entries]) == checkpoint.root
    far = "0/x999/x999/x999/x999/x999/x999/x999/999"
    for path in ("0/000.p/0", "0/001", "0/001.p/47", "1/000.p/2", "2/000.p/1", "entries/002.p/1", "0/x000/000", "64/000", far):
        assert client.get(f"/record/tile/{path}").status_code == 404, path


def test_tiles_survive_compression_on_the_way(client: Client, filled: None) -> None:
    import gzip

    plain, packed = client.get("/record/tile/entries/000"), client.get("/record/tile/entries/000", HTTP_ACCEPT_ENCODING="gzip")
    assert packed["Content-Encoding"] == "gzip" and gzip.decompress(packed.content) == plain.content


def test_the_api_shows_what_is_public(client: Client, filled: None) -> None:
    assert client.get("/api/record/checkpoint").json()["size"] == 302
    leaves = client.get("/api/record/leaves?limit=3").json()
    assert [leaf["index"] for leaf in leaves] == [301, 300, 299] and leaves[0]["entry"]["type"] == "rule"
    one = client.get("/api/record/leaves/301").json()
    assert one["lines"][0]["body"]["rule"] == "services.split"
    merkle.verify_inclusion(bytes.fromhex(one["leaf_hash"]), 301, 302, [bytes.fromhex(item) for item in one["path"]], bytes(queries.latest().root))  # type: ignore[union-attr]
    assert [line["body"] for line in client.get("/api/record/leaves/5").json()["lines"]] == [None, None]
    assert client.get("/api/record/leaves/999").status_code == 404
    assert client.get("/api/record/leaves?limit=0").status_code == 422
