"""Bad days, with real processes: the power cut, the dead database, the double click, the repeated message, the forged backup."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests import houses
from tests.e2e.server import ROOT, House, environment, family, madang

pytestmark = pytest.mark.xdist_group("bad-days")
AT_ONCE = 6


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A small demo of this module's own, served."""
    served = House(houses.copy(tmp_path_factory, "bad-days"))
    served.start()
    yield served
    served.end()


def bee(house: House, *words: str) -> list[str]:
    """Have something done inside the co-op; the lines it says."""
    command = [sys.executable, "-m", "tests.site.bee", str(house.data), *words]
    ran = subprocess.run(command, env=environment(house.data), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout.split("\n")[:-1]


def facts(house: House, *ids: str) -> dict[str, dict[str, Any]]:
    return {told["job"]: told for told in (json.loads(line) for line in bee(house, "facts", *ids))}


def all_is_well(house: House) -> None:
    """``madang check`` finds nothing."""
    checked = madang(house.data, "check", check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


class Web(requests.Session):
    """A browser without a window."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.base = house.url
        self.headers["Accept-Language"] = "en"
        self.get_page("/accounts/login/")

    def get_page(self, path: str) -> requests.Response:
        return self.get(self.base + path, timeout=60)

    def form(self, path: str, follow: bool = False, **data: str) -> requests.Response:
        """A form sent with its token."""
        told = {"X-CSRFToken": self.cookies.get("csrftoken", ""), "Referer": self.base + path}
        return self.post(self.base + path, data=data, headers=told, allow_redirects=follow, timeout=60)

    def be(self, persona: str) -> Web:
        assert self.form(f"/demo/be/{persona}/").status_code == 302
        return self

    def come_in(self, email: str) -> Web:
        """By the code from the mail."""
        assert self.form("/accounts/login/code/", email=email).status_code == 302
        outbox = self.get_page("/outbox/").text
        row = next(part for part in outbox.split("<li") if email in part)
        code = re.search(r"\b\d{4}-\d{4}\b", row)
        assert code
        assert self.form("/accounts/login/code/confirm/", code=code.group(), action="verify").status_code == 302
        return self


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """The same moment for all."""
    gate = threading.Barrier(count)

    def one(number: int) -> Any:
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


# -- cuts ------------------------------------------------------------------------------------------------------------------


def confirm_until_cut(house: House, ids: list[str], cut: Callable[[], None], after: int) -> set[str]:
    """Clients confirm visits four at a time; when ``after`` are certain the cut comes. Returns the visits whose page said yes."""
    certain: set[str] = set()
    enough = threading.Event()

    def confirm(key: str) -> None:
        with contextlib.suppress(requests.RequestException):
            answer = web.form(f"/services/jobs/{key}/", do="confirm")
            if answer.status_code == 302:
                certain.add(key)
                if len(certain) >= after:
                    enough.set()

    web = Web(house).be("client")
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(confirm, key) for key in ids]
        assert enough.wait(60), house.log()[-2000:]
        cut()
        for one in waiting:
            one.cancel()
    return certain


def done_or_not_done(house: House, ids: list[str], certain: set[str]) -> None:
    """What was said to be done is done; the rest is done or not; nothing is half. And it goes on."""
    all_is_well(house)
    told = facts(house, *ids)
    for key, one in told.items():
        whole = {"done": (["held"], 1), "released": (["released"], 2)}[one["state"]]
        assert one["holds"] == whole[0], one
        assert len(one["entries"]) == whole[1], one
        assert (one["paid"] > 0) == (one["state"] == "released"), one
    assert {told[key]["state"] for key in certain} == {"released"}
    rest = [key for key in ids if told[key]["state"] == "done"]
    assert rest, "the cut came in the middle"
    assert bee(house, "release", *rest) == rest
    assert {one["state"] for one in facts(house, *ids).values()} == {"released"}
    all_is_well(house)


def test_the_web_process_is_killed_in_the_middle_of_releases(house: House) -> None:
    ids = bee(house, "done", "16")
    certain = confirm_until_cut(house, ids, lambda: house.stop(signal.SIGKILL), after=4)
    house.start()
    done_or_not_done(house, ids, certain)


def test_postgresql_is_killed_in_the_middle_of_releases(house: House) -> None:
    ids = bee(house, "done", "16")
    postmaster = int((house.data / "pg/postmaster.pid").read_text().split("\n")[0])

    def cut() -> None:
        os.kill(postmaster, signal.SIGKILL)

    certain = confirm_until_cut(house, ids, cut, after=4)
    assert "postmaster.pid" in os.listdir(house.data / "pg"), "it had no time to say goodbye"
    house.stop()
    house.start()
    done_or_not_done(house, ids, certain)


def test_a_loop_of_releases_is_killed(house: House) -> None:
    """Neither web nor database: the very process that books."""
    ids = bee(house, "done", "12")
    command = [sys.executable, "-m", "tests.site.bee", str(house.data), "release", *ids]
    loop = subprocess.Popen(command, env=environment(house.data), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert loop.stdout is not None
    certain = {loop.stdout.readline().strip() for _line in range(3)}
    loop.send_signal(signal.SIGKILL)
    loop.wait(30)
    certain |= {line.strip() for line in loop.stdout if len(line.strip()) == 36}
    done_or_not_done(house, ids, certain)


def left(pids: list[int], within: float = 20) -> list[str]:
    """What these processes are that still run after a while."""
    until = time.monotonic() + within
    while True:
        running = []
        for pid in pids:
            with contextlib.suppress(OSError):
                state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                running += [f"{pid} {state} {command}"] if state != "Z" else []
        if not running or time.monotonic() > until:
            return running
        time.sleep(0.1)


def test_ctrl_c_leaves_nobody_behind(house: House) -> None:
    """A terminal sends it to its whole group; a worker left over would go on answering at the same port."""
    assert house.process is not None
    everyone = family(house.process.pid)
    assert len(everyone) >= 5, "the front, the pages and their two workers, the steward"
    os.killpg(house.process.pid, signal.SIGINT)
    assert house.process.wait(timeout=30) == 0
    assert left(everyone) == []
    house.start()


def test_workers_do_not_outlive_who_started_them(house: House) -> None:
    assert house.process is not None
    everyone = family(house.process.pid)
    house.process.kill()
    house.process.wait(30)
    assert left(everyone) == []
    house.start()
    taken = madang(house.data, "serve", "--port", str(house.port), check=False)
    assert taken.returncode == 1
    assert f"Port {house.port} is taken" in taken.stdout + taken.stderr
    all_is_well(house)


# -- races and repeats -----------------------------------------------------------------------------------------------------


def last_slot(web: Web, weeks: int) -> str:
    """The address of a free time some weeks ahead."""
    page = web.get_page("/services/book/time/?bedrooms=1&bathrooms=1")
    for _week in range(weeks):
        later = re.search(r'rel="next" href="([^"]+)"', page.text)
        assert later
        page = web.get_page("/services/book/time/" + later[1].replace("&amp;", "&"))
    slots = re.findall(r'class="chip" href="(/services/book/address/[^"]+)"', page.text)
    assert slots
    return str(slots[0]).replace("&amp;", "&")


def test_two_people_want_one_time(house: House) -> None:
    """One gets it; the other is shown the next free times and keeps what was typed."""
    bee(house, "alone")
    people = [Web(house).come_in(f"racer{number}@example.org") for number in range(2)]
    slot = last_slot(people[0], 1)
    for one in people:
        one.get_page(slot)

    def book(number: int) -> requests.Response:
        return people[number].form(slot, district="Mapo", address=f"{number} Race Street", directions="", name="", note=f"typed by {number}")

    answers = at_once(2, book)
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    winner = next(answer for answer in answers if answer.status_code == 302)
    assert winner.headers["Location"].startswith("/pay/")
    loser = next(number for number, answer in enumerate(answers) if answer.status_code == 409)
    page = answers[loser].text
    assert f"typed by {loser}" in page and f"{loser} Race Street" in page, "what was typed is kept"
    others = re.findall(r'formaction="(/services/book/address/[^"]+)"', page)
    assert others, "the next free times are there, as buttons"
    again = people[loser].form(others[0].replace("&amp;", "&"), district="Mapo", address=f"{loser} Race Street", directions="", name="", note="again")
    assert again.status_code == 302 and again.headers["Location"].startswith("/pay/")
    all_is_well(house)


def test_double_clicks_have_one_effect(house: House) -> None:
    """Booking, paying, voting: six clicks at the same moment are one."""
    web = Web(house).come_in("clicker@example.org")
    slot = last_slot(web, 2)
    web.get_page(slot)
    first = web.form(slot, district="Mapo", address="1 Click Street", directions="", name="", note="")
    assert first.status_code == 302
    pay = first.headers["Location"]
    answers = at_once(AT_ONCE, lambda _n: web.form(slot, district="Mapo", address="1 Click Street", directions="", name="", note=""))
    assert {answer.status_code for answer in answers} <= {302, 409}, [answer.status_code for answer in answers]
    assert {answer.headers["Location"] for answer in answers if answer.status_code == 302} <= {pay}, "one booking, one charge"

    banks = {answer.headers["Location"] for answer in at_once(AT_ONCE, lambda _n: web.form(pay))}
    assert len(banks) == 1, banks
    bank = banks.pop().removeprefix(house.url)
    said = at_once(AT_ONCE, lambda _n: web.form(bank, choice="twice"))
    assert {answer.status_code for answer in said} == {302}
    job = web.get(house.url + pay + "back/", timeout=60).url.rstrip("/").rsplit("/", 1)[1]
    told = facts(house, job)[job]
    assert (told["state"], told["holds"], told["entries"]) == ("offered", ["held"], told["entries"][:1]), told

    vote = json.loads(bee(house, "vote")[0])
    voter = Web(house).come_in(vote["email"])
    cast = at_once(AT_ONCE, lambda _n: voter.form(f"/decisions/{vote['decision']}/vote/", elector=vote["elector"], choice="for"))
    assert {answer.status_code for answer in cast} == {302}
    page = voter.get_page(f"/decisions/{vote['decision']}/").text
    assert 'aria-pressed="true"' in page
    assert scalar(house, "SELECT count(*) FROM decisions_ballot WHERE elector_id = %s", vote["elector"]) == 1
    all_is_well(house)


def test_a_repeated_message_of_the_bank_has_one_effect(house: House) -> None:
    told = json.loads(bee(house, "webhook")[0])

    def deliver(_number: int) -> int:
        return requests.post(f"{house.url}/pay/webhook/sandbox/", data=told["body"].encode(), headers=told["headers"], timeout=60).status_code

    assert set(at_once(AT_ONCE, deliver)) == {200}
    assert deliver(0) == 200
    one = facts(house, told["job"])[told["job"]]
    assert (one["state"], one["holds"], len(one["entries"])) == ("offered", ["held"], 1), one
    forged = told["body"].replace('"amount":', '"amount":1')
    assert requests.post(f"{house.url}/pay/webhook/sandbox/", data=forged.encode(), headers=told["headers"], timeout=60).status_code == 400
    all_is_well(house)


# -- backup and restore ----------------------------------------------------------------------------------------------------


def connect(data: Path) -> psycopg.Connection[Any]:
    """As the superuser of that folder's PostgreSQL, past every guard: what a thief with root could do."""
    from madang.site import postgres

    return psycopg.connect(postgres.ensure(data), autocommit=True, options="-c session_replication_role=replica")


def scalar(house: House, query: str, *values: Any) -> Any:
    with connect(house.data) as database:
        row = database.execute(query, values).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


@pytest.fixture(scope="module")
def restored(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A backup of the served co-op, brought back elsewhere."""
    folder = tmp_path_factory.mktemp("restored")
    file, data = folder / "monday.tar", folder / "data"
    madang(house.data, "backup", str(file))
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    told = madang(data, "restore", str(file))
    assert "verifies against the record" in told.stdout, told.stdout
    yield data
    madang(data, "stop", check=False)


def test_a_restored_coop_verifies_and_serves(house: House, restored: Path, tmp_path: Path) -> None:
    key = requests.get(f"{house.url}/record/key", timeout=30).text.strip()
    assert madang(restored, "check", check=False).returncode == 0
    madang(restored, "export", str(tmp_path / "export"))
    verified = madang(restored, "verify", str(tmp_path / "export"), "--key", key)
    assert "signed by" in verified.stdout
    second = House(restored)
    second.start()
    try:
        assert requests.get(f"{second.url}/treasury/", timeout=30).status_code == 200
        assert requests.get(f"{second.url}/record/key", timeout=30).text.strip() == key, "it goes on under the same name"
        assert Web(second).be("client").get_page("/services/bookings/").status_code == 200
    finally:
        second.stop()
    with connect(restored) as database, pytest.raises(psycopg.Error), database.transaction():
        database.execute("SET session_replication_role = origin")
        database.execute("UPDATE ledger_transfer SET amount = amount + 1")


FORGERIES = {
    "an amount": ["UPDATE ledger_transfer SET amount = amount + 1000 WHERE id = (SELECT max(id) FROM ledger_transfer)"],
    "an amount, and the sums made to fit": [
        "CREATE TEMP TABLE forged AS SELECT id, debit_id, credit_id, unit, at FROM ledger_transfer WHERE kind = 'worker' ORDER BY id DESC LIMIT 1",
        "UPDATE ledger_transfer SET amount = amount + 1000 WHERE id = (SELECT id FROM forged)",
        "UPDATE ledger_balance SET debits = debits + 1000 WHERE ctid = (SELECT b.ctid FROM ledger_balance b, forged WHERE debit_id = account_id LIMIT 1)",
        "UPDATE ledger_balance SET credits = credits + 1000 WHERE ctid = (SELECT b.ctid FROM ledger_balance b, forged WHERE credit_id = account_id LIMIT 1)",
        "UPDATE ledger_dayflow SET amount = amount + 1000 WHERE ctid = (SELECT ctid FROM ledger_dayflow WHERE kind = 'worker' LIMIT 1)",
    ],
    "a rule's value": ["""UPDATE rules_ruleversion SET value = '{"provider": "50%", "upkeep": "50%"}' WHERE key = 'services.split'"""],
    "words of the record": ["UPDATE record_leafline SET body = replace(body, '0', '1') WHERE id = (SELECT max(id) FROM record_leafline WHERE body LIKE '%0%')"],
    "a leaf of the record": ["DELETE FROM record_leaf WHERE index = 3"],
    "a vanished transfer": [
        "DELETE FROM ledger_transfer WHERE entry_id = (SELECT entry_id FROM ledger_transfer ORDER BY id DESC LIMIT 1)",
    ],
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_database_is_noticed(restored: Path, what: str) -> None:
    """Whoever changes the database behind our back, as superuser and past every trigger, is found out by ``madang check``."""
    with connect(restored) as database:
        tables = ["ledger_transfer", "ledger_balance", "ledger_dayflow", "rules_ruleversion", "record_leafline", "record_leaf"]
        for table in tables:
            database.execute(f"CREATE TEMP TABLE kept_{table} AS TABLE {table}")  # type: ignore[arg-type]
        for statement in FORGERIES[what]:
            database.execute(statement)  # type: ignore[arg-type]
        checked = madang(restored, "check", check=False)
        for table in tables:
            database.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
            database.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM kept_{table}")  # type: ignore[arg-type]
    assert checked.returncode == 1 and "BAD" in checked.stdout, f"{what} was not noticed:\n{checked.stdout}"


def test_a_forged_backup_is_noticed(house: House, tmp_path: Path) -> None:
    """A byte of the export inside the backup is changed: restore says so and ends with 1."""
    file, forged = tmp_path / "good.tar", tmp_path / "forged.tar"
    madang(house.data, "backup", str(file))
    with tarfile.open(file) as source, tarfile.open(forged, "w") as target:
        for member in source.getmembers():
            content = source.extractfile(member)
            data = bytearray(content.read()) if content else bytearray()
            if member.name.startswith("record/public/") and len(data) > 100:
                data[50] ^= 1
            target.addfile(member, io.BytesIO(bytes(data)) if content else None)
    data_folder = tmp_path / "data"
    told = madang(data_folder, "restore", str(forged), check=False)
    madang(data_folder, "stop", check=False)
    assert told.returncode == 1 and "BAD" in told.stdout, told.stdout + told.stderr


def test_restore_never_covers_a_coop(house: House, tmp_path: Path) -> None:
    file = tmp_path / "x.tar"
    madang(house.data, "backup", str(file))
    told = madang(house.data, "restore", str(file), check=False)
    assert told.returncode == 1 and "already" in told.stdout + told.stderr
