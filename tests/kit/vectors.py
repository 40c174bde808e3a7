"""Where other people's test vectors are, if they are here."""

import os
from pathlib import Path

import pytest

TLOG = Path(os.environ.get("MADANG_SHARED", "shared")) / "data" / "tlog"
needs_vectors = pytest.mark.skipif(not TLOG.is_dir(), reason="the vectors of other logs (MADANG_SHARED/data/tlog) are not here")
