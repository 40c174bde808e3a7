"""What the members decide about the music platform: what a play costs, who gets it, what counts as a play."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from madang.coop.rules import declare
from madang.kit.ruletypes import Amount, Choice, Duration, Flag, Items, Percent, Record, Split, Whole

PAYING, SHARING, COUNTING, FINDING = _("What listening costs"), _("Who gets what"), _("What counts as a play"), _("How music is found")
SCALE = 6
"""Amounts of plays are in millionths of the currency: the first play brings a quarter of a cent."""

# stream2own as Resonate published it (community.resonate.coop/t/1854): .002 .004 … .512 credits, at 1.20 euros a credit.
CREDITS = (2, 4, 8, 16, 32, 64, 128, 256, 512)
A_THOUSANDTH = {"EUR": ("0.0012", 4), "USD": ("0.0012", 4), "GBP": ("0.0010", 4), "KRW": ("1.5", 1), "JPY": ("0.15", 2)}


def schedule(currency: str) -> list[dict[str, Any]]:
    """The published prices of plays 1 … 9 in ``currency`` (one credit: 1.20 euros, 1.20 dollars, 1,500 won)."""
    each, places = A_THOUSANDTH.get(currency, A_THOUSANDTH["EUR"])
    thousandth = int(each.replace(".", ""))
    return [{"key": str(nth), "price": _major(credit * thousandth, places)} for nth, credit in enumerate(CREDITS, 1)]


def _major(amount: int, places: int) -> str:
    digits = f"{amount:0{places + 1}d}"
    return f"{digits[:-places]}.{digits[-places:]}"


def _in(table: dict[str, str]) -> Any:
    """A default that depends on the currency; one that is not in the table starts from the euro's figure, for the founders to correct."""
    return lambda currency: table.get(currency, table["EUR"])


STREAM2OWN, PRO_RATA, USER_CENTRIC, EQUAL, GROWTH = "stream2own", "pro-rata", "user-centric", "equal", "artist-growth"
MODELS = {
    STREAM2OWN: _("stream to own: each play pays the track that was played, at its own price"),
    PRO_RATA: _("pro rata: all that was paid goes into one pot, shared by plays"),
    USER_CENTRIC: _("user-centric: what each listener paid is shared among what that listener played"),
    EQUAL: _("equal: every artist who was played gets the same"),
    GROWTH: _("artist growth: the first plays of each artist weigh more than the many that follow"),
}
AS_YOU_GO, SUBSCRIPTION = "as-you-go", "subscription"

model = declare(
    "music.model",
    Choice(options=MODELS),
    default=STREAM2OWN,
    title=_("How what listeners pay is shared among artists"),
    help=_("Whichever is chosen, the parts add up to what was paid, to the smallest unit. Before voting, try each on the last months."),
    group=SHARING,
)
paying = declare(
    "music.paying",
    Choice(options={AS_YOU_GO: _("as you go: each play has its price, from a wallet"), SUBSCRIPTION: _("a subscription: one price a month for all plays")}),
    default=AS_YOU_GO,
    title=_("How listeners pay"),
    group=PAYING,
)
prices = declare(
    "music.prices",
    Items(row=Record(parts={"price": Amount(scale=SCALE, label=_("price"))}), min_rows=1, max_rows=30),
    default=schedule,
    title=_("What the first, second … play of a track costs a listener"),
    help=_("For life, per listener and track. After the last one the track is theirs: free to play and to download for ever."),
    group=PAYING,
)
fee = declare(
    "music.fee",
    Amount(scale=SCALE),
    default=_in({"EUR": "7", "USD": "7", "GBP": "6", "KRW": "9000", "JPY": "1000"}),
    title=_("What a month costs with a subscription"),
    group=PAYING,
)
top_up = declare(
    "music.top_up",
    Amount(min=1),
    default=_in({"EUR": "5", "USD": "5", "GBP": "5", "KRW": "5000", "JPY": "500"}),
    title=_("The least one puts into a wallet at once"),
    help=_("Card costs are mostly a fixed sum: very small amounts would be eaten by them."),
    group=PAYING,
)
pause = declare(
    "music.pause",
    Amount(scale=SCALE),
    default=_in({"EUR": "0.10", "USD": "0.10", "GBP": "0.10", "KRW": "100", "JPY": "10"}),
    title=_("From which price of a play on a listener is asked first"),
    help=_("Each listener may choose another price for themselves."),
    group=PAYING,
)
split = declare(
    "music.split",
    Split(
        parts={"artists": _("the artists"), "upkeep": _("upkeep of the platform"), "floor": _("the reserve for the least a play brings")},
        bounds_of={"artists": ("50%", "100%")},
    ),
    default={"artists": "70%", "upkeep": "30%", "floor": "0%"},
    title=_("How what listeners pay is shared between artists and platform"),
    group=SHARING,
)
floor = declare(
    "music.floor",
    Amount(scale=SCALE),
    default=_in({"EUR": "0.01", "USD": "0.01", "GBP": "0.01", "KRW": "12", "JPY": "1"}),
    title=_("The least a play brings its artists"),
    help=_("What is missing comes from a reserve of that name, as far as it reaches; nothing comes from anybody else."),
    group=SHARING,
)
growth = declare(
    "music.growth",
    Items(
        row=Record(
            parts={"plays": Whole(min=0, max=10**9, label=_("from this many plays of an artist in a month")), "weight": Percent(label=_("a play weighs"))}
        ),
        min_rows=1, max_rows=10,
    ),
    default=[
        {"key": "first", "plays": 0, "weight": "100%"}, {"key": "second", "plays": 1000, "weight": "50%"}, {"key": "third", "plays": 100000, "weight": "25%"},
    ],
    title=_("Artist growth: what plays weigh"),
    help=_("Used when artist growth is chosen above. Our own steps: the published idea gives none."),
    group=SHARING,
)  # fmt: skip
threshold = declare(
    "music.threshold", Duration(min="0m", max="10m"), default="45s", title=_("After how long a play counts"),
    help=_("Who skips before that pays nothing. A track that is shorter counts when it was heard to the end."), group=COUNTING,
)  # fmt: skip
overlap = declare(
    "music.overlap", Flag(), default=False, title=_("Whether two plays at the same moment by one listener both count"),
    help=_("One person hears one thing at a time: without this the second one does not count and costs nothing."), group=COUNTING,
)  # fmt: skip
own_plays = declare(
    "music.own_plays", Flag(), default=False, title=_("Whether artists' plays of their own music count"), group=COUNTING,
)  # fmt: skip
late = declare(
    "music.late", Duration(min="1h", max="90d"), default="30d", title=_("How late a play may be told and still count"),
    help=_("A telephone without a network tells its plays when it has one again."), group=COUNTING,
)  # fmt: skip
unreported = declare(
    "music.unreported", Duration(min="1h", max="30d"), default="24h", title=_("When a track that was fetched whole by another player counts without a report"),
    help=_("Players that fetch ahead and are skipped tell nothing; one that never tells anything is not free listening."), group=COUNTING,
)  # fmt: skip
discovery = declare(
    "music.discovery",
    Choice(
        options={
            "new": _("what is new comes first"),
            "lot": _("a lot drawn anew each day, the same for everyone"),
            "quiet": _("who was played least in the last 30 days comes first"),
        }
    ),
    default="new",
    title=_("In which order music is shown to who looks around"),
    help=_("Nothing else plays a part: no payment, no profile, no time spent. Each list says why it is in its order."),
    group=FINDING,
)
