"""``madang verify``: the sceptic's command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from madang.kit import note
from madang.kit.verify.folder import NoExport, verify_folder
from madang.kit.verify.receipt import RECEIPT_MAX, Receipt, ReceiptError, loads
from madang.kit.verify.report import Report

GOOD, BAD, USAGE = 0, 1, 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(USAGE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="madang verify",
        description="Check what a co-op exported (madang export), or a receipt, on your own computer: no database, no network.",
        epilog="Exit codes: 0 verified, 1 not verified (what and where is said), 2 the command itself was wrong.",
    )
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="the folder that madang export wrote")
    parser.add_argument("--key", metavar="KEY", help="the co-op's verification key, or a file with it; got from people you trust, not with the export")
    parser.add_argument("--receipt", type=Path, metavar="FILE", help="a receipt to check; with DIR also that it is of the same history")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns 0 (verified), 1 (not verified) or 2 (wrong usage)."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as end:
        return GOOD if end.code in (0, None) else USAGE
    if arguments.folder is None and arguments.receipt is None:
        print("madang verify: give the folder of an export, or --receipt FILE.", file=sys.stderr)
        return USAGE
    try:
        key = _key(arguments.key) if arguments.key else None
    except (OSError, ValueError) as wrong:
        print(f"madang verify: the key cannot be used: {wrong}.", file=sys.stderr)
        return USAGE
    return _run(arguments.folder, key, arguments.receipt)


def _run(folder: Path | None, key: note.Verifier | None, file: Path | None) -> int:
    receipt: Receipt | None = None
    try:
        if file is not None:
            receipt = loads(_receipt_text(file))
        if folder is None:
            return _receipt_alone(receipt, key) if receipt else USAGE
        report = verify_folder(folder, key, receipt)
    except ReceiptError as wrong:
        print(f"NOT VERIFIED\n  {wrong}")
        return BAD
    except (OSError, NoExport) as wrong:
        print(f"madang verify: {wrong}", file=sys.stderr)
        return USAGE
    return _tell(report, receipt)


def _key(given: str) -> note.Verifier:
    """A key from the command line: the key itself, or the file it is in."""
    try:
        return note.Verifier.parse(given)
    except note.NoteError:
        path = Path(given)
        if "+" in given and not path.is_file():
            raise
        return note.Verifier.parse(path.read_text("utf-8").strip())


def _receipt_text(file: Path) -> str:
    if file.stat().st_size > RECEIPT_MAX:
        raise ReceiptError("form", "This is too long for a receipt.")
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise ReceiptError("form", "This is not a receipt: it is no text.") from None


def _receipt_alone(receipt: Receipt, key: note.Verifier | None) -> int:
    checkpoint = receipt.verify(key)
    _tell_line(receipt)
    if key is None:
        print(f"Consistent with the checkpoint of size {checkpoint.size} it carries; author unchecked (give --key, or the folder of an export).")
    else:
        print(f"Verified against checkpoint of size {checkpoint.size} by {key.name}.")
    return GOOD


def _tell_line(receipt: Receipt) -> None:
    entry = receipt.entry
    print(f"{entry.kind} ({entry.subject}), {entry.at}, line {receipt.line_no + 1} of {entry.lines}, leaf {receipt.proof.index}:")
    for name, value in receipt.body.items():
        print(f"  {name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")


def _tell(report: Report, receipt: Receipt | None) -> int:
    if not report.good:
        print("NOT VERIFIED")
        for sentence in report.problems:
            print(f"  {sentence}")
        if report.more:
            print(f"  … and {report.more} more.")
        return BAD
    if receipt is not None:
        _tell_line(receipt)
        size = note.Checkpoint.parse(note.split(receipt.proof.checkpoint)[0]).size
        print(f"Verified against checkpoint of size {size} by {report.origin}, and it is of the same history as this export.")
    by = f"the founding or by one of {report.decisions:,} decisions" if report.decisions else "the founding"
    print(
        f"{report.leaves:,} leaves in {report.files:,} files: every byte, the tree and {report.opened:,} public leaves hold; "
        f"{report.rules:,} rule values, each set by {by}."
    )
    if report.signed_by:
        print(f"Verified: signed by {report.signed_by}.")
    else:
        print(f"Consistent, author unchecked: it says it is {report.origin}. Give --key with the key the co-op's members know.")
    return GOOD
