"""A treasurer's days in a real browser: the co-op's account, a statement, a batch two people sign, the drawer, the day's reconciliation, the books.

The bank is somebody else's program (``bank.py``): it judges our payment file and writes the statements. Nothing a person clicks is called directly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from madang.site.simulate import accountants
from tests import houses
from tests.e2e.bank import BIC, HOLDER, IBAN, Bank
from tests.e2e.hands import Visitor
from tests.e2e.server import ROOT, House, links, madang
from tests.e2e.test_wheel import World, client_books, the_job_is_done

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("treasurer")]
BERLIN = ZoneInfo("Europe/Berlin")
OURS = {'law = "us-ny"': 'law = "plain"', 'currency = "USD"': 'currency = "EUR"', "America/New_York": "Europe/Berlin", '"bright-city"': '"till"'}
WORKERS_IBAN = "NL91ABNA0417164300"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[World]:
    """A co-op in euros, founded from a charter and served; nobody has accepted yet."""
    folder = tmp_path_factory.mktemp("treasurer")
    charter, data = folder / "ours.toml", folder / "data"
    text = (ROOT / "charters/upandgo-nyc.toml").read_text()
    for before, after in OURS.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    charter.write_text(text)
    houses.unfounded(data)
    secrets = [link.split("/founding/")[1] for link in links(madang(data, "found", str(charter)).stdout) if "/founding/" in link]
    house = House(data)
    house.start()
    found = World(house, browser, {name: f"/founding/{secret}" for name, secret in zip(["rosa", "yesenia"], secrets, strict=False)})
    yield found
    for one in found.people.values():
        one.leave()
    house.end()


def test_a_treasurers_days(world: World, tmp_path: Path) -> None:
    bank = Bank()
    two_founders_and_a_worker(world)
    the_account_is_named_and_confirmed(world)
    three_supporters_want_to_pay(world, bank)
    a_statement_is_read(world, bank, tmp_path)
    the_doubtful_line_is_decided(world)
    cash_is_taken_and_counted(world)
    the_worker_has_earned(world)
    batch = a_batch_two_people_sign(world)
    the_bank_takes_the_file(world, bank, batch, tmp_path)
    the_statement_shows_it_paid(world, bank, batch, tmp_path)
    the_days_are_reconciled(world)
    the_books_are_taken_away(world, tmp_path)
    a_member_asks_for_an_inspection(world)
    assert [line for one in world.people.values() for line in one.wrong] == []


def today(world: World) -> date:
    return world.clock.now.astimezone(BERLIN).date()


def treasurer(world: World) -> Visitor:
    return world.people["treasurer"]


def two_founders_and_a_worker(world: World) -> None:
    """The treasurer and the coordinator accept and pay; the treasurer's own member co-op has a worker, who sets her hours."""
    for key, name in (("treasurer", "yesenia"), ("coordinator", "rosa")):
        founder = world.person(key, f"{name}@example.org")
        founder.go(world.founder_links[name])
        founder.send('main form[method="post"]')
        founder._through_the_door()
        founder.send('main form[method="post"]')
        founder.page.wait_for_url("**/shares/buy/**")
        founder.send()
        founder.pay()
    speaker = treasurer(world)
    speaker.go("/members/organisations/five-boroughs-cleaning/")
    speaker.fill(email="worker@example.org")
    speaker.send('main form:has([name="email"])')
    worker = world.person("worker")
    worker.open_mail("/members/invitation/")
    worker.send('main form[method="post"]')
    worker._through_the_door("Wan Worker")
    worker.send('main form[method="post"]')
    speaker.go("/services/workers/")
    speaker.page.locator('main select[name="person"]').select_option(label="Wan Worker")
    speaker.send('main form:has([name="person"])')
    worker.go("/services/availability/")
    for weekday in range(7):
        worker.page.locator(f'[name="d{weekday}-0-from"]').select_option(str(8 * 60))
        worker.page.locator(f'[name="d{weekday}-0-to"]').select_option(str(20 * 60))
    worker.press("do", "week")


def the_account_is_named_and_confirmed(world: World) -> None:
    """A wrong IBAN is told beside its field and stays typed; the right one waits for a second person, who has a task."""
    who, second = treasurer(world), world.people["coordinator"]
    who.go("/pay/bank/")
    who.look("bank-none")
    who.tap('main a[href="/pay/bank/account/"]')
    who.page.wait_for_url("**/pay/bank/account/")
    who.fill(holder=HOLDER, bank=BIC, number=IBAN[:-1] + "1")
    who.send('main form:has([name="number"])')
    assert who.page.locator('[name="number"][aria-invalid="true"]').input_value() == IBAN[:-1] + "1"
    assert who.page.locator('[name="holder"]').input_value() == HOLDER
    who.look("our-account-wrong")
    who.fill(number=IBAN)
    who.send('main form:has([name="number"])')
    who.sees("Rosa Hernández")
    who.look("our-account-waits")
    assert not who.page.locator('main button[name="confirm"]').count(), "nobody confirms their own"
    second.go("/")
    second.tap('#needs-me a[href="/pay/bank/account/"]')
    second.page.wait_for_url("**/pay/bank/account/")
    second.sees(HOLDER)
    second.look("our-account-second")
    second.tap('main button[name="confirm"]')
    second.page.wait_for_load_state()
    who.go("/pay/bank/account/")
    who.look("our-account")


def three_supporters_want_to_pay(world: World, bank: Bank) -> None:
    """Each wants a share and is given a code; one writes it into the transfer, one forgets it, one will come with cash."""
    for name in ("mia", "noor", "cas"):
        one = world.person(name)
        one.come_in("/members/join/supporter/", name=f"{name.title()} Supporter")
        one.send()
        one.go("/members/me/")
        one.tap('main a[href^="/shares/buy/"]')
        one.send()
        one.page.wait_for_url("**/pay/*/")
        one.tap('main form[action$="/by-bank/"] button')
        one.page.wait_for_url("**/pay/transfer/**")
        world.jobs[name] = one.page.locator("main strong.amount").inner_text().strip()
        one.look(f"transfer-{name}")
    bank.came_in(10_000, "Mia Supporter", f"share {world.jobs['mia']}", today(world))
    bank.came_in(10_000, "N. Supporter", "one share please", today(world))


def upload(who: Visitor, file: bytes, into: Path, name: str) -> None:
    path = into / name
    path.write_bytes(file)
    who.go("/pay/bank/")
    who.page.locator('main input[type="file"]').set_input_files(path)
    who.send('main form[enctype]')


def a_statement_is_read(world: World, bank: Bank, folder: Path) -> None:
    """A file cut in half is refused; the whole one brings one payment by itself and one to look at; read again it brings nothing."""
    who, file = treasurer(world), bank.statement(today(world))
    upload(who, file[: len(file) // 2], folder, "half.xml")
    assert who.page.locator("main .error").count() and not who.page.locator("main .notice-ok").count(), who.text()
    who.look("bank-wrong")
    upload(who, file, folder, "first.xml")
    who.sees("No code in it, but an open transfer of just this amount.")
    who.look("bank-doubtful")
    upload(who, file, folder, "again.xml")
    who.sees("Nothing was booked a second time.")
    mia, noor = world.people["mia"], world.people["noor"]
    mia.go("/members/me/")
    assert not mia.page.locator('main a[href^="/shares/buy/"].btn-primary').count(), mia.text()
    noor.go("/shares/")


def the_doubtful_line_is_decided(world: World) -> None:
    """A wrong code is refused beside its field and kept; of the two who wait for just this amount it was Noor."""
    who = treasurer(world)
    who.go("/pay/bank/")
    code = 'main input[name="code"][type="text"]'
    who.page.locator(code).fill("AAA-AAAA")
    who.tap(f"main form:has({code.removeprefix('main ')}) button")
    who.page.wait_for_load_state()
    assert who.page.locator(f'{code}[aria-invalid="true"]').input_value() == "AAA-AAAA"
    who.look("bank-code-wrong")
    guesses = who.page.locator("main li form", has_text="Supporter")
    assert guesses.count() == 2, "Noor and Cas wait for just this amount"
    who.tap(guesses.filter(has_text="Noor Supporter").locator("button"))
    who.page.wait_for_load_state()
    who.sees("The bank and the books agree to the last unit.")
    who.look("bank-decided")


def cash_is_taken_and_counted(world: World) -> None:
    """Cas reads out the code and pays at the counter; in the evening five euros are missing in the drawer."""
    who = treasurer(world)
    who.go("/pay/cash/")
    who.look("cash")
    who.fill(code="XXX-XXXX")
    who.send("main form:has([name=code])")
    assert who.page.locator('main [name="code"][aria-invalid="true"]').input_value() == "XXX-XXXX"
    who.look("cash-wrong")
    who.fill(code=world.jobs["cas"].lower())
    who.send("main form:has([name=code])")
    who.sees("Cas Supporter")
    who.look("cash-found")
    who.send()
    who.sees("Booked. Cas Supporter finds the receipt under this payment.")
    counting = 'main form[action="/pay/cash/count/"]'
    who.fill(amount="ninety")
    who.tap(f"{counting} button")
    who.page.wait_for_load_state()
    assert who.page.locator('main [name="amount"][aria-invalid="true"]').input_value() == "ninety"
    who.look("count-wrong")
    who.fill(amount="95.00")
    who.tap(f"{counting} button")
    who.page.wait_for_load_state()
    who.look("count-noted")


def the_worker_has_earned(world: World) -> None:
    """A visit is booked, paid and done; the worker says where she wants to be paid."""
    client_books(world, "visit", known_home=False)
    the_job_is_done(world, "visit")
    worker = world.person("worker")
    worker.go("/pay/account/")
    worker.fill(holder="Wan Worker", number=WORKERS_IBAN)
    worker.send('main form:has([name="number"])')


def a_batch_two_people_sign(world: World) -> str:
    """Made by the treasurer, who cannot sign it too; signed by the board; only then there is a file. Returns where the batch stands."""
    who, second = treasurer(world), world.people["coordinator"]
    who.go("/pay/batches/")
    who.look("batches")
    assert who.page.locator('main [name="owner"]:not([disabled])').count() == 1, who.text()
    who.send('main form:has([name="key"])')
    path = urlsplit(who.page.url).path
    assert not who.page.locator('main [name="approve"]').count() and not who.page.locator('main form[action$="/file/"]').count()
    who.look("batch-made")
    second.go("/")
    second.tap(f'#needs-me a[href="{path}"]')
    second.page.wait_for_url(f"**{path}")
    second.look("batch-second")
    second.tap('main [name="approve"]')
    second.page.wait_for_load_state()
    return path


def the_bank_takes_the_file(world: World, bank: Bank, batch: str, folder: Path) -> None:
    """The bank accepts it, by the XSD and by its own rules: one payment, to the worker's own account, of what the batch says."""
    who = treasurer(world)
    who.go(batch)
    who.look("batch-approved")
    total = who.page.locator("main .amount").first.inner_text()
    with who.page.expect_download() as coming:
        who.tap('main form[action$="/file/"] button')
    kept = folder / "pain.xml"
    coming.value.save_as(kept)
    ((name, iban, cents),) = bank.takes(kept.read_bytes(), today(world))
    assert (name, iban) == ("Wan Worker", WORKERS_IBAN) and total == f"€{cents // 100}.{cents % 100:02}"
    who.go(batch)
    who.look("batch-taken")


def the_statement_shows_it_paid(world: World, bank: Bank, batch: str, folder: Path) -> None:
    """The next day's statement marks the payout as sent, by itself."""
    who = treasurer(world)
    who.move("day")
    upload(who, bank.statement(today(world)), folder, "second.xml")
    who.sees("The bank and the books agree to the last unit.")
    who.sees("Nothing is doubtful")
    who.go(batch)
    who.sees("answered by the bank")
    assert who.page.locator("main table .pill-pine").count() == 1
    who.look("batch-done")


def the_days_are_reconciled(world: World) -> None:
    """The drawer differs by five euros: the treasurer has a task, settles it with words, and the bank agrees."""
    who = treasurer(world)
    who.go("/pay/reconciliations/")
    who.soon('main a[href^="/pay/reconciliations/cash/"]')
    who.look("reconciliations")
    who.go("/")
    who.tap('#needs-me a[href^="/pay/reconciliations/cash/"]')
    who.page.wait_for_url("**/pay/reconciliations/cash/**")
    who.sees("5.00")
    who.look("reconciliation-open")
    who.page.locator('main [name="how"]').first.select_option(index=1)
    who.fill(words=" ")
    who.send('main form:has([name="how"])')
    assert who.page.locator('main [name="words"][aria-invalid="true"]').count(), "its reason is asked for, beside the field"
    assert who.page.locator('main [name="how"]').input_value() == "card-cost", "what was chosen is kept"
    who.look("reconciliation-wrong")
    who.fill(words="Given out as change and not noted.")
    who.send('main form:has([name="how"])')
    who.sees("Given out as change and not noted.")
    who.look("reconciliation-settled")


def the_books_are_taken_away(world: World, folder: Path) -> None:
    """The month's journal as a file, which hledger accepts where it is installed."""
    who = treasurer(world)
    who.go("/treasury/books/")
    who.look("books")
    who.go("/treasury/books/journal/")
    who.look("journal")
    with who.page.expect_download() as coming:
        who.tap('main a[href*="format=hledger"]')
    kept = folder / "books.journal"
    coming.value.save_as(kept)
    assert re.search(r"EUR|€", kept.read_text())
    if not accountants.missing():
        assert accountants.accepts("hledger", kept) == ""


def a_member_asks_for_an_inspection(world: World) -> None:
    """A member asks to see the books with the names in them; whoever answers has a task."""
    mia, who = world.people["mia"], treasurer(world)
    mia.go("/treasury/inspections/")
    mia.tap('main a[href="/treasury/inspections/new/"]')
    mia.page.wait_for_url("**/inspections/new/")
    mia.page.locator('main [name="things"]').first.check()
    mia.fill(reason="I want to understand where my share went.")
    mia.look("inspection-ask")
    mia.send()
    mia.look("inspection-asked")
    who.go("/")
    assert who.page.locator('#needs-me a[href^="/treasury/inspections/"]').count(), who.text()
