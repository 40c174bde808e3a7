"""What the members decide about on-demand services. Every figure a client, a worker or the co-op sees comes from one of these."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from madang.coop.rules import Slider, declare
from madang.kit.ruletypes import Amount, Choice, Duration, Items, Ladder, Percent, Record, Split, Text, Whole
from madang.platforms.services import matching, pricelist
from madang.platforms.services.dryrun import prices_last_month, shares_last_month, tips_last_month
from madang.platforms.services.dryrun_people import own_prices, own_shares, own_tips, spread_shares

PRICES, MONEY, TIMES, WORK = _("Prices"), _("Who gets what"), _("Times"), _("How work is shared")

split = declare(
    "services.split",
    Split(parts={"provider": _("the member co-op that does the work"), "upkeep": _("upkeep of the platform")}, bounds_of={"upkeep": ("0%", "30%")}),
    default={"provider": "95%", "upkeep": "5%"},
    title=_("How the price of a job is shared"),
    help=_("What is left of the upkeep after card costs runs the platform. The base is the price after discounts, before tips."),
    group=MONEY,
    dry_run=shares_last_month,
    own=own_shares,
    spread=spread_shares,
    slider=Slider(part="upkeep", step="0.5%", min="0%", max="20%"),
)
org_split = declare(
    "services.org_split",
    Split(parts={"worker": _("the worker"), "fund": _("the member co-op's common fund")}, bounds_of={"fund": ("0%", "25%")}),
    default={"worker": "97%", "fund": "3%"},
    title=_("How a member co-op shares what it receives"),
    help=_("Each member co-op decides its own, within the bounds of the platform."),
    scope="organisation",
    group=MONEY,
    dry_run=shares_last_month,
    own=own_shares,
    spread=spread_shares,
)
tip_split = declare(
    "services.tip_split",
    Split(parts={"worker": _("the worker"), "fund": _("the member co-op's common fund"), "upkeep": _("upkeep of the platform")}),
    default={"worker": "100%", "fund": "0%", "upkeep": "0%"},
    title=_("How a tip is shared"),
    group=MONEY,
    dry_run=tips_last_month,
    own=own_tips,
)
refresh = declare(
    "services.refresh",
    Record(
        parts={
            "base": Amount(label=_("every visit")),
            "per_bedroom": Amount(label=_("each bedroom")),
            "per_bathroom": Amount(label=_("each bathroom")),
            "base_minutes": Whole(min=15, max=480, unit=_("min"), label=_("time for every visit")),
            "minutes_per_bedroom": Whole(min=0, max=120, unit=_("min"), label=_("time for each bedroom")),
            "minutes_per_bathroom": Whole(min=0, max=120, unit=_("min"), label=_("time for each bathroom")),
        }
    ),
    default=pricelist.size,
    title=_("Refresh: price by the size of the home"),
    help=_("Our own formula, written for this co-op: every visit + bedrooms × each + bathrooms × each. For homes cleaned at least once a month."),
    group=PRICES,
    dry_run=prices_last_month,
    own=own_prices,
)
extras = declare(
    "services.extras",
    Items(
        row=Record(
            parts={
                "title": Text(max_length=80, languages=True, label=_("name")),
                "price": Amount(label=_("price")),
                "minutes": Whole(min=0, max=240, unit=_("min"), label=_("time")),
                "per": Text(max_length=30, languages=True, empty=True, label=_("counted by")),
                "most": Whole(min=1, max=50, label=_("at most")),
                "free_with": Text(max_length=120, empty=True, label=_("free with")),
                "needs": Choice(
                    options={"none": _("nothing"), "ladder": _("maybe the client's ladder"), "machine": _("the client's washing machine")}, label=_("needs")
                ),
            },
            optional={"per": {}, "most": 1, "free_with": "", "needs": "none"},
        ),
        max_rows=40,
    ),
    default=pricelist.extras,
    title=_("Extras and their prices"),
    help=_("What is free with something else stays on the quote with the price 0, because it still takes time."),
    group=PRICES,
    dry_run=prices_last_month,
    own=own_prices,
)
checklist = declare(
    "services.checklist",
    Items(
        row=Record(
            parts={
                "title": Text(max_length=60, languages=True, label=_("room")),
                "tasks": Text(max_length=1000, languages=True, label=_("what is done there, one a line")),
            }
        ),
        max_rows=12,
    ),
    default=pricelist.CHECKLIST,
    title=_("What is done in each room"),
    group=WORK,
)
cancel_client = declare(
    "services.cancel.client",
    Ladder(),
    default=[{"at_least": "48h", "percent": "100%"}, {"at_least": "24h", "percent": "50%"}, {"at_least": "2h", "percent": "25%"}],
    title=_("What a client gets back who cancels"),
    help=_("By how long before the start. The rest is shared like the price of a job, so the worker is paid for late cancellations without asking."),
    group=MONEY,
)
cancel_worker = declare(
    "services.cancel.worker",
    Ladder(),
    default=[{"at_least": "48h", "percent": "0%"}, {"at_least": "24h", "percent": "5%"}, {"at_least": "0h", "percent": "10%"}],
    title=_("What a client gets on top when a worker cancels and nobody can come instead"),
    help=_("By how long before the start; after the start the last step counts. The price always goes back in full, this much of it comes from upkeep on top."),
    group=MONEY,
)
late_goodwill = declare(
    "services.cancel.no_show",
    Percent(max="50%"),
    default="10%",
    title=_("What a client gets on top when nobody came"),
    help=_("Share of the price, from upkeep, when the office finds that the worker did not come."),
    group=MONEY,
)
confirmation = declare(
    "services.confirmation", Duration(min="1h", max="7d"), default="24h", title=_("Time to say that a job was not done well"),
    help=_("After this long without a word from the client the price is released."), group=TIMES,
)  # fmt: skip
hold = declare(
    "services.hold", Duration(min="5m", max="2h"), default="15m", title=_("How long an unpaid time is kept"),
    help=_("Meanwhile nobody else can book that worker at that time."), group=TIMES,
)  # fmt: skip
offer = declare(
    "services.offer", Duration(min="15m", max="48h"), default="4h", title=_("How long a worker may think about a job"),
    help=_("Then the next worker is asked. Close to the start it is shorter."), group=TIMES,
)  # fmt: skip
travel = declare(
    "services.travel", Duration(min="0h", max="3h"), default="30m", title=_("Time kept for the way to the next home"), group=TIMES,
)  # fmt: skip
notice = declare(
    "services.notice", Duration(min="0h", max="7d"), default="4h", title=_("How long ahead a job must be booked"), group=TIMES,
)  # fmt: skip
rating_window = declare(
    "services.rating_window", Duration(min="1d", max="60d"), default="14d", title=_("Time to rate each other"),
    help=_("Neither side sees the other's rating before both are in or this time is over."), group=TIMES,
)  # fmt: skip
matching_way = declare(
    "services.matching",
    Choice(
        options={
            matching.FEWEST: _("whoever has the fewest jobs, counting the last 30 days and what is booked ahead, is asked first; ties are drawn by lot"),
            matching.LONGEST: _("whoever has waited longest since the last job is asked first"),
            matching.LOT: _("the order is drawn by lot for each job"),
        }
    ),
    default=matching.FEWEST,
    title=_("Who is asked first among those who are free"),
    help=_("Ratings, prices and speed of answering play no part. Each offer says what was counted."),
    group=WORK,
)

BOOKED_UNDER = (split, checklist, tip_split, refresh, extras, cancel_client, cancel_worker, late_goodwill, confirmation, rating_window, matching_way)
