"""Where in this program a thing is done: so that a "why?" can point to the line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def place(function: Callable[..., Any]) -> tuple[str, int]:
    """File (from the program's root, with slashes) and first line of a function, past its decorators' wrappers.

    Raises ``ValueError`` for a function that is not of this program.
    """
    code = inspect.unwrap(function).__code__
    path = Path(code.co_filename).resolve()
    if not path.is_relative_to(ROOT):
        raise ValueError(f"{function!r} is not of this program")
    return path.relative_to(ROOT).as_posix(), code.co_firstlineno
