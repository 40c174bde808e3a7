"""The life of a charge."""

from madang.kit.states import Graph

CREATED, AUTHORISED, SETTLED, FAILED, EXPIRED = "created", "authorised", "settled", "failed", "expired"

charge = Graph(
    "charge",
    initial=CREATED,
    edges={CREATED: {AUTHORISED, SETTLED, FAILED, EXPIRED}, AUTHORISED: {SETTLED, FAILED, EXPIRED}},
    final={SETTLED, FAILED, EXPIRED},
)
