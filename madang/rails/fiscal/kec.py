"""The Korean standard electronic tax invoice (표준전자세금계산서): UN/CEFACT names in the schema of the KEC, as the National Tax Service takes it.

The standard's guide is not on the open web; names, order and codes here are those that several programs which send and read these files have
in common (docs/decisions/150-e-invoices.md says which). Not signed: the certificate of the service, or of the co-op, does that
(``ds:Signature`` stands before ``TaxInvoiceDocument``), and the service gives the approval number (``IssueID``) with it.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from madang.rails.fiscal.einvoice import EInvoice, Party, Unwritable, put, put_some, written

NAME = "kec"
TITLE = "전자세금계산서 표준 XML"
CONTENT_TYPE = "application/xml"
SPACE = "urn:kr:or:kec:standard:Tax:ReusableAggregateBusinessInformationEntitySchemaModule:1:0"
INVOICE, CORRECTED = "0101", "0201"
"""세금계산서, 수정세금계산서: general (일반)."""
PAID = "01"
"""영수: it was paid (``02`` 청구 asks for money)."""
BUSINESS = "01"
"""The customer's number is a business registration number."""
REASONS = {"mistake": "01", "reduced": "02", "returned": "03", "cancelled": "04", "twice": "06"}
"""수정사유: 기재사항의 착오·정정, 공급가액 변동, 환입, 계약의 해제, 착오에 의한 이중발급 (부가가치세법 시행령 art. 70 (1))."""
LONGEST = 100


def write(one: EInvoice) -> bytes:
    """The file. Raises :class:`~madang.rails.fiscal.einvoice.Unwritable`: ``unit`` for anything but won, ``country`` for a number that is not Korean."""
    if one.unit != "KRW":
        raise Unwritable("unit")
    root = Element("TaxInvoice", {"xmlns": SPACE})
    exchanged = put(root, "ExchangedDocument")
    put(exchanged, "ID", one.number)
    put(exchanged, "IssueDateTime", one.at.strftime("%Y%m%d%H%M%S"))
    _document(root, one)
    settlement = put(root, "TaxInvoiceTradeSettlement")
    _party(put(settlement, "InvoicerParty"), one.supplier)
    _party(put(settlement, "InvoiceeParty"), one.customer, BUSINESS)
    sums = put(settlement, "SpecifiedMonetarySummation")
    for name, amount in (("ChargeTotalAmount", one.net), ("TaxTotalAmount", one.tax), ("GrandTotalAmount", one.gross)):
        put(sums, name, str(amount))
    _line(root, one)
    return written(root)


def _document(root: Element, one: EInvoice) -> None:
    """A paper that puts right a slip of the pen or one issued twice has the day of the first (시행령 art. 70 (1) 5 to 7), any other its own."""
    document = put(root, "TaxInvoiceDocument")
    put_some(document, "IssueID", one.approval)
    put(document, "TypeCode", CORRECTED if one.corrects else INVOICE)
    day = one.corrects_on if one.reason in ("mistake", "twice") and one.corrects_on else one.issued_on
    put(document, "IssueDateTime", day.strftime("%Y%m%d"))
    if one.corrects:
        put(document, "AmendmentStatusCode", REASONS[one.reason])
    put(document, "PurposeCode", PAID)
    put_some(document, "OriginalIssueID", one.corrects_approval)


def _party(party: Element, one: Party, business: str = "") -> None:
    digits = one.number.replace("-", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 10):
        raise Unwritable("country")
    put(party, "ID", digits)
    put_some(party, "TypeCode", one.trade[:LONGEST])
    put(party, "NameText", one.name)
    put_some(party, "ClassificationCode", one.item[:LONGEST])
    if business:
        put(put(party, "SpecifiedOrganization"), "BusinessTypeCode", business)
    if one.representative:
        put(put(party, "SpecifiedPerson"), "NameText", one.representative)
    if one.address:
        put(put(party, "SpecifiedAddress"), "LineOneText", one.address)


def _line(root: Element, one: EInvoice) -> None:
    line = put(root, "TaxInvoiceTradeLineItem")
    put(line, "SequenceNumeric", "1")
    put(line, "InvoiceAmount", str(one.net))
    put(line, "NameText", one.item[:LONGEST])
    put(line, "PurchaseExpiryDateTime", one.supplied_on.strftime("%Y%m%d"))
    put(put(line, "TotalTax"), "CalculatedAmount", str(one.tax))
