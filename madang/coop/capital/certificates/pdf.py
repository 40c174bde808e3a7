"""A certificate as a PDF file: one page, its proof attached, a QR code that leads to the page where anyone can check it.

Made with fpdf2; the characters come from the fonts of the pages (:mod:`fonts`), so a fresh installation needs nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import qrcode
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from madang.coop.capital.certificates.fonts import pieces_for

PROOF = "proof.tlog-proof"
PINE, INK, QUIET, PAPER = (31, 92, 72), (34, 34, 30), (110, 108, 100), (250, 247, 240)
WIDE, MARGIN = 210, 26


@dataclass(frozen=True)
class Page:
    """What a certificate says, in its reader's language. ``lines``: (label, value). ``proof``: the receipt, as text."""

    coop: str
    title: str
    number: str
    sentence: str
    lines: list[tuple[str, str]]
    notes: list[str]
    check: str
    url: str
    proof: str
    language: str
    made_at: datetime


def draw(page: Page) -> bytes:
    """The PDF file. Raises ``Refused("no-fonts")`` where the fonts were not fetched."""
    words = [page.coop, page.title, page.number, page.sentence, page.check, page.url, *page.notes, *(text for pair in page.lines for text in pair)]
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margins(MARGIN, MARGIN, MARGIN)
    names = []
    for number, path in enumerate(pieces_for("".join(words) + "0")):
        names.append(f"pretendard{number}")
        pdf.add_font(names[-1], fname=path)
    pdf.add_page()
    pdf.set_font(names[0], size=11)
    pdf.set_fallback_fonts(names, exact_match=False)
    pdf.set_title(f"{page.title} {page.number} · {page.coop}")
    pdf.set_author(page.coop)
    pdf.set_lang(page.language)
    pdf.set_creation_date(page.made_at)
    _frame(pdf)
    _say(pdf, page)
    _code(pdf, page)
    pdf.embed_file(bytes=page.proof.encode(), basename=PROOF, mime_type="text/plain", modification_date=page.made_at, desc=page.check)
    return bytes(pdf.output())


def _frame(pdf: FPDF) -> None:
    pdf.set_fill_color(*PAPER)
    pdf.rect(0, 0, WIDE, 297, style="F")
    pdf.set_draw_color(*PINE)
    pdf.set_line_width(0.7)
    pdf.rect(12, 12, WIDE - 24, 273)
    pdf.set_line_width(0.2)
    pdf.rect(14, 14, WIDE - 28, 269)


def _line(pdf: FPDF, text: str, size: float, colour: tuple[int, int, int], *, height: float, align: str = "L") -> None:
    pdf.set_font_size(size)
    pdf.set_text_color(*colour)
    pdf.multi_cell(WIDE - 2 * MARGIN, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _say(pdf: FPDF, page: Page) -> None:
    pdf.set_xy(MARGIN, 40)
    _line(pdf, page.coop, 13, PINE, height=7, align="C")
    pdf.ln(8)
    _line(pdf, page.title, 30, INK, height=14, align="C")
    _line(pdf, page.number, 13, QUIET, height=8, align="C")
    pdf.ln(14)
    _line(pdf, page.sentence, 14, INK, height=9, align="C")
    pdf.ln(12)
    for label, value in page.lines:
        top = pdf.get_y()
        pdf.set_draw_color(*QUIET)
        pdf.line(MARGIN, top - 1.5, WIDE - MARGIN, top - 1.5)
        pdf.set_font_size(10)
        pdf.set_text_color(*QUIET)
        pdf.cell(56, 8, label)
        pdf.set_font_size(12)
        pdf.set_text_color(*INK)
        pdf.multi_cell(WIDE - 2 * MARGIN - 56, 8, value, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(2)
    pdf.ln(4)
    for note in page.notes:
        _line(pdf, note, 9, QUIET, height=5)
        pdf.ln(1)


def _code(pdf: FPDF, page: Page) -> None:
    """The QR code as small squares, and beside it in words what it is."""
    made = qrcode.QRCode(border=0)
    made.add_data(page.url)
    made.make()
    rows, size, left, top = made.get_matrix(), 30, MARGIN, 238
    cell = size / len(rows)  # millimetres on paper, not money
    pdf.set_fill_color(*INK)
    for down, row in enumerate(rows):
        for right, black in enumerate(row):
            if black:
                pdf.rect(left + right * cell, top + down * cell, cell + 0.02, cell + 0.02, style="F")
    pdf.set_text_color(*QUIET)
    pdf.set_font_size(9)
    pdf.set_xy(left + size + 7, top)
    pdf.multi_cell(WIDE - 2 * MARGIN - size - 7, 5, page.check, new_x=XPos.LEFT, new_y=YPos.NEXT)
    pdf.set_text_color(*PINE)
    pdf.set_font_size(8)
    pdf.multi_cell(WIDE - 2 * MARGIN - size - 7, 5, page.url, wrapmode=WrapMode.CHAR, new_x=XPos.LEFT, new_y=YPos.NEXT)
