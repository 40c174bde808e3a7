"""The life of a request to inspect."""

from madang.kit.states import Graph

ASKED, OVERDUE, OPENED, REFUSED, WITHDRAWN, ENDED = "asked", "overdue", "opened", "refused", "withdrawn", "ended"
WAITING = (ASKED, OVERDUE)

#: Asked → opened (by who answers; or, where the law lets nobody refuse by silence, when the term is over) → ended when its days are over.
request = Graph(
    "inspection",
    initial=ASKED,
    edges={
        ASKED: {OPENED, REFUSED, WITHDRAWN, OVERDUE},
        OVERDUE: {OPENED, REFUSED, WITHDRAWN},
        OPENED: {ENDED},
    },
    final={REFUSED, WITHDRAWN, ENDED},
)
