"""What the record adds to the house."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from madang.coop.record import checks as must_hold
from madang.coop.record import sealing
from madang.coop.record.models import PendingLeaf
from madang.kit.errors import Refused
from madang.kit.house import Check, Command, DueWork, NavItem


def _waiting(now: datetime, limit: int) -> Sequence[str]:
    return ["seal"] if PendingLeaf.objects.exists() else []


def _seal(key: str, *, now: datetime) -> None:
    sealing.seal(now)


def _export_arguments(parser: Any) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")


def _export(arguments: argparse.Namespace) -> int:
    from madang.coop.record.export import export
    from madang.coop.record.keys import KeyTrouble

    try:
        manifest = export(arguments.folder)
    except (Refused, KeyTrouble, OSError) as wrong:
        print(getattr(wrong, "message", wrong), file=sys.stderr)
        return 1
    print(f"{manifest.size:,} leaves in {len(manifest.files) + 1:,} files at {arguments.folder}. Check it: madang verify {arguments.folder}")
    return 0


navigation = [NavItem(_("Record"), "record:home", 80)]
due = [DueWork("record.seal", _waiting, _seal)]
append_only = ["record_leaf", "record_tile", "record_checkpoint"]
commands = [Command("export", "Write everything public as files that anyone can check (madang verify).", _export_arguments, _export)]
checks = [
    Check("The record: the sealed tree recomputes", must_hold.tree_recomputes),
    Check("The record: checkpoints are signed", must_hold.checkpoints_are_signed),
    Check("The record: lines fit their leaves", must_hold.lines_fit),
    Check("The record: nothing waits long", must_hold.nothing_waits_long),
]
