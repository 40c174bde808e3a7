"""Each page's server time and SQL queries, as the person who would open it, on the co-op of a data folder (best a scaled one).

    madang --data var/scaled demo --scale 100        # once, about ten minutes
    python -m bench.pages --data var/scaled

The request goes through the whole program (middleware, views, templates, PostgreSQL) in this process, without the network. Pages that hold an id are found
by following the first link of that kind. The aim: p95 ≤ 60 ms and ≤ 15 queries on every page.
"""

from __future__ import annotations

import re
import statistics

from bench.common import Bench, arguments, noise, open_house, p95, times

LIMIT_MS, LIMIT_QUERIES = 60, 15

# persona, page, pattern of a link to follow from there ("" = the page itself)
PAGES = [
    ("", "/", ""), ("", "/services/", ""), ("", "/services/book/", ""), ("", "/services/book/time/?bedrooms=2&bathrooms=1", ""), ("", "/rules/", ""),
    ("", "/rules/services.split/", ""), ("", "/decisions/", ""), ("", "/decisions/", r"/decisions/[0-9a-f-]{36}/"), ("", "/treasury/", ""),
    ("", "/members/", ""), ("", "/members/join/", ""), ("", "/record/", ""), ("", "/wheel/", ""), ("", "/law/", ""), ("", "/accounts/login/", ""),
    ("client", "/", ""), ("client", "/me/", ""), ("client", "/inbox/", ""), ("client", "/services/bookings/", ""),
    ("client", "/services/bookings/?which=past", r"/services/jobs/[0-9a-f-]{36}/"), ("client", "/settings/", ""), ("client", "/members/me/", ""),
    ("worker", "/", ""), ("worker", "/me/", ""), ("worker", "/services/day/", ""), ("worker", "/services/availability/", ""), ("worker", "/statement/", ""),
    ("worker", "/statement/", r"/why/[0-9]+/"), ("worker", "/decisions/new/?rule=services.split", ""), ("worker", "/shares/", ""),
    ("worker", "/services/day/", r"/services/jobs/[0-9a-f-]{36}/"), ("worker", "/settings/keys/", ""), ("operator", "/operator/", ""),
    ("coordinator", "/services/board/", ""), ("coordinator", "/services/workers/", ""), ("coordinator", "/members/applications/", ""),
    ("coordinator", "/members/register/", ""),
    ("treasurer", "/treasury/", ""), ("treasurer", "/", ""), ("sceptic", "/record/", ""), ("sceptic", "/record/", r"/record/leaf/[0-9]+/"),
]  # fmt: skip


def main() -> None:
    args = arguments(__doc__ or "", ("--rounds", {"type": int, "default": 40}), ("--only", {"default": "", "help": "pages that contain this"}))
    open_house(args.data)
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import translation

    from madang.kit import house
    from madang.platforms.services.models import Job
    from madang.site import start

    start.prepare(lambda text: None)
    bench = Bench(f"Pages, server time over {args.rounds} visits each ({Job.objects.count():,} bookings)", args)
    people = {persona.key: persona.find() for persona in house.collect("personas")}
    worst = 0
    for who, page, follow in PAGES:
        if args.only not in page:
            continue
        client = Client(headers={"host": "localhost", "accept-language": "ko"})
        if who:
            client.force_login(people[who], backend="allauth.account.auth_backends.AuthenticationBackend")
        address = page
        if follow:
            found = re.search(f'href="({follow})', client.get(page).content.decode())
            if not found:
                print(f"# no link like {follow} on {page}")
                continue
            address = found.group(1)
        with translation.override("ko"):
            answer = client.get(address)
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
            asked = len(queries)  # now: the next request empties the log
            measured = times(lambda c=client, a=address: c.get(a), args.rounds)
        label = f"{who or 'anyone'} {re.sub('[0-9a-f-]{36}|(?<=/)[0-9]+(?=/)', '…', address)}"
        flag = "" if p95(measured) <= LIMIT_MS and asked <= LIMIT_QUERIES and answer.status_code == 200 else f"  <-- status {answer.status_code}"
        worst += bool(flag)
        bench.add(f"{label} p95", p95(measured), "ms", f"median {statistics.median(measured):.1f} ms, {noise(measured)}{flag}")
        bench.add(f"{label} queries", asked, "queries")
    bench.add("pages over the limits", worst, "pages")
    bench.close()


if __name__ == "__main__":
    main()
