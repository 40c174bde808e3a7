"""The life of an offer, and of an application for shares in it."""

from madang.kit.states import Graph

DRAFT, PROPOSED, RUNNING, MET, CLOSED, COMPLETED, LAPSED, RETURNED, DROPPED = (
    "draft", "proposed", "open", "met", "closed", "completed", "lapsed", "returned", "dropped",
)  # fmt: skip
ASKED, PAID, ISSUED, RETURNING, BACK, OVER = "asked", "paid", "issued", "returning", "returned", "lapsed"

offer = Graph(
    "offer",
    initial=DRAFT,
    edges={
        DRAFT: {PROPOSED, RUNNING, DROPPED},
        PROPOSED: {DRAFT, RUNNING},
        RUNNING: {MET, CLOSED, LAPSED},
        MET: {CLOSED},
        CLOSED: {COMPLETED},
        LAPSED: {RETURNED},
    },
    final={COMPLETED, RETURNED, DROPPED},
)
"""Draft → (proposed: members decide →) open → minimum met → closed → all shares issued; or → minimum missed → everybody has their money back."""

application = Graph(
    "share-application",
    initial=ASKED,
    edges={ASKED: {PAID, OVER}, PAID: {ISSUED, RETURNING}, RETURNING: {BACK}},
    final={ISSUED, BACK, OVER},
)
"""Asked → paid (the money is held) → shares issued; or → on its way back → back. Nothing was paid: lapsed."""

LIVE_OFFER = (RUNNING, MET)
COUNTS = (PAID, ISSUED)
