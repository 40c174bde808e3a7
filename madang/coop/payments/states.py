"""The life of a charge."""

from madang.kit.states import Graph

CREATED, AUTHORISED, SETTLED, FAILED, EXPIRED = "created", "authorised", "settled", "failed", "expired"

charge = Graph(
    "charge",
    initial=CREATED,
    edges={CREATED: {AUTHORISED, SETTLED, FAILED, EXPIRED}, AUTHORISED: {SETTLED, FAILED, EXPIRED}},
    final={SETTLED, FAILED, EXPIRED},
)

OPEN_DISPUTE, ANSWERED, WON, LOST = "open", "answered", "won", "lost"

dispute = Graph("dispute", initial=OPEN_DISPUTE, edges={OPEN_DISPUTE: {ANSWERED, WON, LOST}, ANSWERED: {OPEN_DISPUTE, WON, LOST}}, final={WON, LOST})
"""What the payer's bank decided stays decided. An appeal may ask again for an answer."""
