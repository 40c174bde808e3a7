"""What tests of bank transfers do: set the co-op's account, let people earn, make a batch, read a statement, open a page."""

from __future__ import annotations

from typing import Any

import pytest

from madang.coop import ledger
from madang.coop.ledger import checks, queries
from madang.coop.ledger.moves import Move
from madang.coop.payments import batches, statements
from madang.coop.payments.booking import clearing
from madang.coop.payments.models import Batch
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from tests.rails.bank.test_krcsv import bank_file

OURS = {"holder": "작은마당 협동조합", "bank": "004", "number": "123456-04-123456"}
MINE = {"holder": "정네온", "bank": "088", "number": "110-123-456789"}


def person(number: int) -> Person:
    return Person.objects.get(email=f"f{number}@example.org")


def refusal(code: str, act: Any) -> None:
    with pytest.raises(Refused) as no:
        act()
    assert no.value.code == code


def earn(number: int, amount: int, now) -> str:
    owner = ledger.owner_of(person(number))
    move = Move(clearing("sandbox", "KRW"), ledger.account("payable", owner, "KRW"), amount, "provider")
    ledger.post("gift", [move], key=f"e{number}:{amount}", subject="", now=now)
    return owner


def balance(owner: str) -> int:
    return queries.balance(ledger.account("payable", owner, "KRW"))


def make(earned, now, key="k") -> Batch:
    return batches.make([(earned[0], 30_000), (earned[1], 20_000)], on=now.date(), by=person(2), key=key, now=now)


def read(moved: list[tuple[int, str]], now, opening: int = 1_000_000, **more: Any) -> statements.Report:
    return statements.read(bank_file(moved, opening, True).encode("cp949"), by=person(2), now=now, is_ours=True, **more)


def sound() -> bool:
    return checks.balances_equal_sums() == checks.units_sum_to_zero() == []


def page(client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def english(*numbers: int) -> None:
    Person.objects.filter(email__in=[f"f{number}@example.org" for number in numbers]).update(language="en")


def exported(who: Person) -> list[dict[str, Any]]:
    from madang.coop.payments import hooks

    return hooks._export(who)
