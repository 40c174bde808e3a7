"""The co-op's bank, played by somebody else's program (mock-bank): it takes our payment file if it is right, and writes statements of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from mockbank import messages, validate
from sepaxml.validation import try_valid_xml

IBAN, BIC, HOLDER = "DE89370400440532013000", "COBADEFFXXX", "Bright City Cooperative"


@dataclass
class Bank:
    """An account in euros; amounts are cents. What moved waits for the next statement."""

    balance: int = 250_000
    moved: list[dict[str, Any]] = field(default_factory=list)
    lines: int = 0
    statements: int = 0

    def came_in(self, amount: int, name: str, note: str, day: date) -> None:
        """Somebody has sent money and written something beside it."""
        self.lines += 1
        self.moved.append({
            "id": self.lines, "incoming": True, "credit": True, "amount": amount, "currency": "EUR", "end_to_end_id": "", "debtor_name": name,
            "debtor_iban": "", "debtor_bic": "", "note": [note] if note else [], "reference": "", "value_date": day.isoformat(),
        })  # fmt: skip

    def takes(self, file: bytes, day: date) -> list[tuple[str, str, int]]:
        """Take a pain.001: (who, IBAN, cents) of each payment. Anything wrong with it, by its XSD or by the bank's own rules, is an error."""
        try_valid_xml(file, "pain.001.001.09" if b"pain.001.001.09" in file else "pain.001.001.03")
        assert validate.errors(validate.validate(file, "application/xml", day)) == []
        order = messages.read_pain001(file)
        sent = [(group, one) for group in order.batches for one in group.payments]
        for group, one in sent:
            self.lines += 1
            self.moved.append({
                "id": self.lines, "amount": one.amount, "currency": "EUR", "msg_id": order.msg_id, "end_to_end_id": one.end_to_end_id,
                "pmt_inf_id": group.pmt_inf_id, "instruction_id": "", "creditor_name": one.creditor_name, "creditor_iban": one.creditor_account,
                "creditor_bic": "", "return_reason": "",
            })  # fmt: skip
        return [(one.creditor_name, one.creditor_account, one.amount) for _group, one in sent]

    def statement(self, day: date) -> bytes:
        """The camt.053 of all that moved since the last one."""
        account = {"currency": "EUR", "iban": IBAN, "name": HOLDER, "id": "a", "bic": BIC, "account_number": "1", "routing": "2"}
        opening = self.balance
        self.balance += sum(one["amount"] if one.get("credit") else -one["amount"] for one in self.moved)
        self.statements += 1
        moved, self.moved, at = self.moved, [], datetime.combine(day, time(23), UTC)
        return messages.write_camt053(account, day, self.statements, opening, self.balance, moved, f"S{self.statements}", at, UTC)  # type: ignore[no-any-return]
