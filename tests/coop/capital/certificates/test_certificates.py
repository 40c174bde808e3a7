"""Certificates: numbers without a gap, a PDF in two languages that other people's programs read, and a proof that stands without us."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdf
import pytest
from django.db import IntegrityError, transaction

from madang.coop import ledger, record
from madang.coop.capital.actions import buy_shares
from madang.coop.capital.certificates import actions, hooks
from madang.coop.capital.certificates.fonts import pieces_for
from madang.coop.capital.certificates.models import Certificate
from madang.coop.capital.certificates.pdf import PROOF
from madang.coop.members import actions as members
from madang.coop.payments import sandbox
from madang.kit.errors import Missing, Refused
from madang.kit.verify import command
from madang.kit.verify.receipt import loads
from tests.coop.capital.yearlife import membership, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(coop, now, monkeypatch):
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: now + timedelta(minutes=1))
    for number in (1, 2, 3):
        one = membership(number)
        sandbox.pay(buy_shares(one, 1, one.person, now=now), now=now)
    return coop


def test_numbers_count_up_without_a_gap(held, now):
    first = actions.ask(membership(1), person(1), now=now)
    with pytest.raises(Refused) as no:
        actions.ask(membership(1), person(1), now=now)
    assert no.value.code == "certified"
    with pytest.raises(Missing):
        actions.ask(membership(1), person(2), now=now)
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.ask(membership(2), person(2), now=now)
        raise RuntimeError("the transaction does not stand")
    second = actions.ask(membership(3), person(3), now=now)
    assert (first.number, second.number) == (1, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.create(number=9, membership=membership(2), count=1, price=1, unit="KRW", issued_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        second.delete()


def test_shares_that_go_take_their_certificate_with_them(held, now):
    one = actions.ask(membership(1), person(1), now=now)
    assert actions.find_too_many(now, 10) == []
    shares = ledger.account("shares", ledger.owner_of(membership(1)), "KRW")
    other = ledger.account("shares", ledger.owner_of(membership(2)), "KRW")
    ledger.post("move", [ledger.Move(shares, other, 10_000, "shares")], key="move", subject="", now=now)  # whatever takes shares away
    assert actions.find_too_many(now, 10) == [str(one.membership_id)]
    actions.put_right(str(one.membership_id), now=now)
    one.refresh_from_db()
    assert one.cancelled_at == now and actions.find_too_many(now, 10) == []
    two = actions.ask(membership(2), person(2), now=now)
    assert (two.number, two.count) == (2, 2)
    members.leave(membership(2), by=person(2), now=now)
    two.refresh_from_db()
    assert two.cancelled_at == now


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", ["출자증서", "제1호", "강하나", "1좌", "10,000원"]), ("en", ["Share certificate", "No. 1", "강하나", "₩10,000"])],
)
def test_the_file_and_its_proof(held, now, client_for, tmp_path, language, words, capsys):
    """pypdf, which is not ours, reads the words and takes the proof out; ``madang verify`` accepts it, and refuses it with one letter changed."""
    one = actions.ask(membership(1), person(1), now=now)
    browser, address = client_for(person(1)), f"/shares/certificates/{one.pk}/pdf/?lang={language}"
    assert browser.get(address).status_code == 409  # not sealed yet: in a second or two
    record.seal(now)
    answer = browser.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert client_for(person(2)).get(address).status_code == 404 and client_for(None).get(address).status_code == 302
    file = pypdf.PdfReader(io.BytesIO(answer.content), strict=True)
    text = file.pages[0].extract_text()
    assert len(file.pages) == 1 and all(one in text for one in words), text
    assert all("/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in _fonts(file))  # nothing is left to the reader's fonts
    proof = tmp_path / "proof"
    proof.write_bytes(file.attachments[PROOF][0])
    key = tmp_path / "key"
    key.write_text(client_for(None).get("/record/key").content.decode())
    assert command.main(["--receipt", str(proof), "--key", str(key)]) == 0
    said = capsys.readouterr().out
    assert "강하나" in said and "Verified" in said
    proof.write_text(proof.read_text().replace("index ", "index 1", 1))
    assert command.main(["--receipt", str(proof), "--key", str(key)]) == 1


def _fonts(file):
    return [font.get_object() for font in file.pages[0]["/Resources"]["/Font"].values()]


def test_the_page_anyone_can_look_at_tells_no_name(held, now, client_for):
    one = actions.ask(membership(1), person(1), now=now)
    html = client_for(None).get(f"/shares/certificates/{one.pk}/").content.decode()
    assert "강하나" not in html and "10,000" in html
    mine = client_for(person(1)).get("/shares/certificates/")
    assert mine.status_code == 200 and str(one.pk) in mine.content.decode()
    assert client_for(person(2)).get("/shares/certificates/").content.decode().count(str(one.pk)) == 0
    made = client_for(person(2)).post("/shares/certificates/", {"membership": str(membership(2).pk)})
    assert made.status_code == 302 and Certificate.objects.filter(membership=membership(2)).get().number == 2
    assert client_for(person(2)).post("/shares/certificates/", {"membership": str(membership(1).pk)}).status_code == 404


def test_a_name_that_is_erased_is_gone_from_certificate_and_record(held, now):
    one = actions.ask(membership(3), person(3), now=now)
    record.seal(now)
    assert loads(record.receipt(f"certificate:{one.pk}")).body["holder"] == "이세나"
    hooks.erase(person(3), now=now)
    one.refresh_from_db()
    assert one.name == "" and one.number == 1
    with pytest.raises((Refused, Missing)):
        record.receipt(f"certificate:{one.pk}")


def test_every_syllable_and_every_letter_of_a_name_has_its_font():
    assert len(pieces_for("가힣A€₩£éŁ")) >= 3
