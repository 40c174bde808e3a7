"""pain.001, the payment order of ISO 20022 (001.03 and 001.09), written by ``sepaxml`` and held to its XSD before anyone gets it.

``sepaxml`` takes an IBAN with a wrong checksum, reads the clock and draws numbers by lot: the checksum is checked before, and what it
put in by itself is replaced by ours, so that the same batch is the same bytes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from xml.etree.ElementTree import Element, ParseError, register_namespace, tostring

from defusedxml.ElementTree import fromstring
from sepaxml import SepaTransfer
from sepaxml.validation import ValidationError, try_valid_xml

from madang.rails.bank import BadFile, check_size, unit_scale, units
from madang.rails.bank.accounts import bic, iban
from madang.rails.bank.orders import BadOrder, Batch, Payment, check, clean

NAME = "pain001"
ENDING = "xml"
CONTENT_TYPE = "application/xml"
VERSIONS = ("pain.001.001.03", "pain.001.001.09")


def write(batch: Batch, version: str = VERSIONS[0]) -> bytes:
    """The file, valid by its XSD. In euros a SEPA transfer, otherwise a domestic one. Names are written in Latin letters.

    Raises :class:`BadOrder` (``account`` for a wrong IBAN, ``unit`` for a currency without two decimals, and what ``check`` says).
    """
    check(batch)
    if version not in VERSIONS:
        raise KeyError(version)
    if _scale(batch.unit) != 2:
        raise BadOrder("unit", batch.unit)
    config = {"name": clean(batch.name), "IBAN": _iban(batch.account), "batch": True, "currency": batch.unit, "domestic": batch.unit != "EUR"}
    if batch.bank:
        config["BIC"] = _bic(batch.bank)
    order = SepaTransfer(config, schema=version, clean=True)
    for one in batch.payments:
        payment = {
            "name": clean(one.name), "IBAN": _iban(one.account), "amount": one.amount, "execution_date": batch.on,
            "description": clean(f"{one.code} {one.text}"), "endtoend_id": one.code,
        }  # fmt: skip
        if one.bank:
            payment["BIC"] = _bic(one.bank)
        order.add_payment(payment)
    data = _ours(fromstring(order.export(validate=False)), batch, version)
    try:
        try_valid_xml(data, version)
    except ValidationError as no:
        raise BadOrder("name", str(no.__cause__)[:80]) from None
    return data


def _ours(root: Element, batch: Batch, version: str) -> bytes:
    """The numbers and the moment are the batch's own; each payment is booked by itself, so that the statement tells of each."""
    space = f"{{urn:iso:std:iso:20022:tech:xsd:{version}}}"
    told = {
        "MsgId": batch.code, "PmtInfId": batch.code, "CreDtTm": batch.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "BtchBookg": "false",
    }  # fmt: skip
    for name, text in told.items():
        for one in root.iter(space + name):
            one.text = text
    register_namespace("", space[1:-1])
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + bytes(tostring(root, "utf-8"))


def read(data: bytes) -> Batch:
    """What stands in such a file (ours or another's), for a last look before it is sent. Raises :class:`~madang.rails.bank.BadFile`."""
    check_size(data)
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, ValueError) as no:
        raise BadFile("format", type(no).__name__) from None
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""

    def text(at: Element, path: str) -> str:
        found = at.find("/".join(space + name for name in path.split("/")))
        return (found.text or "").strip() if found is not None else ""

    group = root.find(f"{space}CstmrCdtTrfInitn/{space}GrpHdr")
    infos = root.findall(f"{space}CstmrCdtTrfInitn/{space}PmtInf")
    if group is None or not infos:
        raise BadFile("format", "no payment order")
    payments, unit = [], ""
    for info in infos:
        for one in info.findall(f"{space}CdtTrfTxInf"):
            amount = one.find(f"{space}Amt/{space}InstdAmt")
            if amount is None:
                raise BadFile("amount", "none")
            unit = amount.get("Ccy", "")
            bank = text(one, "CdtrAgt/FinInstnId/BIC") or text(one, "CdtrAgt/FinInstnId/BICFI")
            code, name, account = text(one, "PmtId/EndToEndId"), text(one, "Cdtr/Nm"), text(one, "CdtrAcct/Id/IBAN")
            payments.append(Payment(code, name, account, bank, units(amount.text or "", unit), text(one, "RmtInf/Ustrd")))
    ours = text(infos[0], "DbtrAgt/FinInstnId/BIC") or text(infos[0], "DbtrAgt/FinInstnId/BICFI")
    try:
        made_at = datetime.fromisoformat(text(group, "CreDtTm")).replace(tzinfo=UTC)
        on = date.fromisoformat(text(infos[0], "ReqdExctnDt") or text(infos[0], "ReqdExctnDt/Dt"))
    except ValueError:
        raise BadFile("date") from None
    batch = Batch(text(group, "MsgId"), text(infos[0], "Dbtr/Nm"), text(infos[0], "DbtrAcct/Id/IBAN"), ours, unit, made_at, on, tuple(payments))
    if str(len(payments)) != text(group, "NbOfTxs") or units(text(group, "CtrlSum"), unit) != batch.total:
        raise BadFile("sum", "the head does not fit the payments")
    return batch


def _scale(unit: str) -> int:
    try:
        return unit_scale(unit)
    except BadFile:
        raise BadOrder("unit", unit) from None


def _iban(text: str) -> str:
    try:
        return iban(text)
    except ValueError as no:
        raise BadOrder("account", str(no)) from None


def _bic(text: str) -> str:
    try:
        return bic(text)
    except ValueError as no:
        raise BadOrder("bank", str(no)) from None
