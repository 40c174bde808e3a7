"""The peer of ``bench/ledger.py``: pgledger, another ledger in PostgreSQL, on the same server in a database of its own.

Whoever measures fetches it (github.com/pgr0ss/pgledger) and says where it is: ``python -m bench.ledger --peer FOLDER``.
All transfers hit one account, as with ours.
"""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from time import perf_counter

import psycopg

FILES = ("vendor/scoville-pgsql-ulid/ulid-to-uuid.sql", "vendor/scoville-pgsql-ulid/uuid-to-ulid.sql", "pgledger.sql")
WORKERS = 1_000
_BATCH = (
    "SELECT count(*) FROM pgledger_create_transfers((SELECT array_agg((%s, payee, 49400)::transfer_request) FROM unnest(%s::text[]) AS payee)"
    ", now(), NULL::jsonb)"
)


def install(address: str, folder: Path) -> tuple[str, str, list[str]]:
    """A fresh database with pgledger in it: its address, the hot account and the payees'."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS pgledger")
        connection.execute("CREATE DATABASE pgledger")
    peer = psycopg.conninfo.make_conninfo(address, dbname="pgledger")
    with psycopg.connect(peer) as connection:
        for name in FILES:
            connection.execute((folder / name).read_text().encode())
        made = [connection.execute("SELECT id FROM pgledger_create_account(%s, 'KRW')", [f"account {n}"]).fetchone()[0] for n in range(WORKERS + 1)]
    return peer, made[0], made[1:]


def _client(peer: str, hot: str, payees: list[str], number: int, size: int, rounds: int, ready, answers) -> None:
    with psycopg.connect(peer, autocommit=True) as connection:
        ready.wait()
        begun = perf_counter()
        for turn in range(rounds):
            first = (number * rounds + turn) * size
            some = [payees[n % WORKERS] for n in range(first, first + size)]
            if size == 1:
                connection.execute("SELECT id FROM pgledger_create_transfer(%s, %s, 49400)", [hot, some[0]]).fetchone()
            else:
                connection.execute(_BATCH, [hot, some]).fetchone()
        answers.put((begun, perf_counter()))


def rate(peer: str, hot: str, payees: list[str], *, clients: int, size: int, rounds: int) -> float:
    """Transfers a second of ``clients`` processes that book ``rounds`` times ``size`` each."""
    context = multiprocessing.get_context("spawn")
    ready, answers = context.Barrier(clients), context.Queue()
    running = [context.Process(target=_client, args=(peer, hot, payees, n, size, rounds, ready, answers)) for n in range(clients)]
    for one in running:
        one.start()
    told = [answers.get(timeout=600) for _one in running]
    for one in running:
        one.join()
    with psycopg.connect(peer) as connection:
        booked = -connection.execute("SELECT balance FROM pgledger_accounts WHERE id = %s", [hot]).fetchone()[0] // 49_400
        if booked < clients * rounds * size:
            raise SystemExit(f"the peer booked {booked}")
    return clients * rounds * size / (max(ended for _begun, ended in told) - min(begun for begun, _ended in told))
