"""Backup and restore of a whole co-op: one file with the database, the data folder's keys and files, and an export of the record."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection

from madang.site import postgres

Say = Callable[[str], None]
KEPT = ("secret_key", "record.key", "files")


def _address() -> list[str]:
    database = settings.DATABASES["default"]
    parts = ["-h", str(database["HOST"]), "-U", str(database["USER"]), "-d", str(database["NAME"])]
    return [*parts, "-p", str(database["PORT"])] if database["PORT"] else parts


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own tools. Raises ``PostgresError`` with what it said."""
    environment = dict(os.environ) | {"PGPASSWORD": str(settings.DATABASES["default"]["PASSWORD"])}
    done = subprocess.run(  # noqa: S603
        [str(postgres.binaries() / program), *arguments], env=environment, check=False, capture_output=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise postgres.PostgresError(f"{program} failed: {done.stderr.decode(errors='replace')[-2000:]}")


def backup(file: Path, say: Say) -> int:
    """Write the co-op into ``file`` (a tar, readable by its owner only): consistent as at one moment, while it is serving."""
    from madang.coop.record.export import export

    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        export(place / "record")
        _run("pg_dump", *_address(), "--format=custom", "--no-owner", "--no-privileges", "-f", str(place / "database.dump"))
        (place / "about.json").write_text(json.dumps({"format": 1, "postgresql": connection.pg_version}))
        part = file.with_name(file.name + ".part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w") as tar:
            for name in ("about.json", "database.dump", "record"):
                tar.add(place / name, arcname=name)
            for name in KEPT:
                if (settings.DATA / name).exists():
                    tar.add(settings.DATA / name, arcname=f"data/{name}")
        part.replace(file)
    say(f"The whole co-op is in {file} ({file.stat().st_size / 1e6:.1f} MB). It holds personal data and keys: keep it where only you can read it.")
    return 0


def restore(file: Path, say: Say) -> int:
    """Bring a backup back into an empty data folder and database; then hold it against the record and every invariant."""
    from madang.kit.verify import verify_export
    from madang.site import roles, running

    if "django_migrations" in connection.introspection.table_names():
        say("madang: this data folder already holds a co-op. Name an empty one with --data.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with tarfile.open(file) as tar:
            tar.extractall(place, filter="data")
        connection.close()
        _run("pg_restore", *_address(), "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(place / "database.dump"))
        for name in KEPT:
            source = place / "data" / name
            if source.exists():
                _put(source, settings.DATA / name)
        roles.grant(connection)
        say("The database is back. Holding it against the record …")
        problems = [*verify_export(place / "record"), *_differs(place / "record")]
    for sentence in problems:
        say(f"BAD  {sentence}")
    if running.check(say) or problems:
        return 1
    say("Restored, and it verifies against the record.")
    return 0


def _put(source: Path, target: Path) -> None:
    """Move a file or a folder to its place; the two may lie on different disks."""
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    shutil.move(source, target)


def _differs(exported: Path) -> list[str]:
    """Where the restored record is not the one that was exported beside it."""
    from madang.coop.record import queries

    stored = queries.checkpoint_text()
    kept = (exported / "checkpoint").read_text()
    return [] if stored == kept or queries.extends(kept) else ["the restored record does not contain the checkpoint of the backup"]
