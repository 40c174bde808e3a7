"""The European standard invoice: EN 16931 in the syntax of OASIS UBL 2.1, by the rules of Peppol BIS Billing 3.0.

https://docs.peppol.eu/poacc/billing/3.0/ (an invoice is ``380``, a credit note ``381``; a credit note says its figures above zero). What we
do not know of anybody is left out; nothing is signed. Only parties with a value added tax number of :data:`ADDRESSES` can be written to.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from madang.rails.fiscal.einvoice import EInvoice, Party, Unwritable, per_cent, plain, put, put_some, written

NAME = "ubl"
TITLE = "UBL 2.1 (EN 16931, Peppol BIS 3)"
CONTENT_TYPE = "application/xml"
SPECIFICATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
SPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
ADDRESSES = {"GB": "9932"}
"""The scheme of an electronic address by country: its value added tax number (Electronic Address Scheme list of Peppol)."""
GOES_BACK = "The amount goes back to the account it was paid from."


def write(one: EInvoice) -> bytes:
    """The file. Raises :class:`~madang.rails.fiscal.einvoice.Unwritable`: ``country`` for a party that has no address there."""
    kind = "CreditNote" if one.corrects else "Invoice"
    root = Element(kind, {"xmlns": f"{SPACE}{kind}-2", "xmlns:cac": f"{SPACE}CommonAggregateComponents-2", "xmlns:cbc": f"{SPACE}CommonBasicComponents-2"})
    put(root, "cbc:CustomizationID", SPECIFICATION)
    put(root, "cbc:ProfileID", PROCESS)
    put(root, "cbc:ID", one.number)
    put(root, "cbc:IssueDate", one.issued_on.isoformat())
    put(root, f"cbc:{kind}TypeCode", "381" if one.corrects else "380")
    put(root, "cbc:DocumentCurrencyCode", one.unit)
    put(root, "cbc:BuyerReference", one.ordered)
    if one.corrects:
        before = put(put(root, "cac:BillingReference"), "cac:InvoiceDocumentReference")
        put(before, "cbc:ID", one.corrects)
        if one.corrects_on:
            put(before, "cbc:IssueDate", one.corrects_on.isoformat())
    _party(put(root, "cac:AccountingSupplierParty"), one.supplier)
    _party(put(root, "cac:AccountingCustomerParty"), one.customer)
    put(put(root, "cac:Delivery"), "cbc:ActualDeliveryDate", one.supplied_on.isoformat())
    if one.corrects:
        put(put(root, "cac:PaymentTerms"), "cbc:Note", GOES_BACK)
    _sums(root, one)
    _line(root, one, kind)
    return written(root)


def _party(parent: Element, one: Party) -> None:
    if one.country not in ADDRESSES:
        raise Unwritable("country")
    party = put(parent, "cac:Party")
    put(party, "cbc:EndpointID", one.number, schemeID=ADDRESSES[one.country])
    put(put(party, "cac:PartyName"), "cbc:Name", one.name)
    address = put(party, "cac:PostalAddress")
    put_some(address, "cbc:StreetName", one.address)
    put(put(address, "cac:Country"), "cbc:IdentificationCode", one.country)
    scheme = put(party, "cac:PartyTaxScheme")
    put(scheme, "cbc:CompanyID", one.number)
    put(put(scheme, "cac:TaxScheme"), "cbc:ID", "VAT")
    put(put(party, "cac:PartyLegalEntity"), "cbc:RegistrationName", one.name)


def _category(parent: Element, name: str, one: EInvoice) -> None:
    category = put(parent, name)
    put(category, "cbc:ID", "S" if one.rate else "Z")
    put(category, "cbc:Percent", per_cent(one.rate))
    put(put(category, "cac:TaxScheme"), "cbc:ID", "VAT")


def _sums(root: Element, one: EInvoice) -> None:
    """Tax and totals. An invoice of ours is written when its money was paid and released, so nothing is left to pay; a credit note is paid out."""
    net, tax, gross = abs(one.net), abs(one.tax), abs(one.gross)

    def amount(parent: Element, name: str, value: int) -> None:
        put(parent, name, plain(value, one.unit), currencyID=one.unit)

    total = put(root, "cac:TaxTotal")
    amount(total, "cbc:TaxAmount", tax)
    part = put(total, "cac:TaxSubtotal")
    amount(part, "cbc:TaxableAmount", net)
    amount(part, "cbc:TaxAmount", tax)
    _category(part, "cac:TaxCategory", one)
    sums = put(root, "cac:LegalMonetaryTotal")
    for name, value in (("LineExtension", net), ("TaxExclusive", net), ("TaxInclusive", gross)):
        amount(sums, f"cbc:{name}Amount", value)
    if not one.corrects:
        amount(sums, "cbc:PrepaidAmount", gross)
    amount(sums, "cbc:PayableAmount", gross if one.corrects else 0)


def _line(root: Element, one: EInvoice, kind: str) -> None:
    net = plain(abs(one.net), one.unit)
    line = put(root, f"cac:{kind}Line")
    put(line, "cbc:ID", "1")
    put(line, "cbc:CreditedQuantity" if one.corrects else "cbc:InvoicedQuantity", "1", unitCode="C62")
    put(line, "cbc:LineExtensionAmount", net, currencyID=one.unit)
    item = put(line, "cac:Item")
    put(item, "cbc:Name", one.item)
    _category(item, "cac:ClassifiedTaxCategory", one)
    put(put(line, "cac:Price"), "cbc:PriceAmount", net, currencyID=one.unit)
