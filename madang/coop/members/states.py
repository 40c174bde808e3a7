"""The life of a membership."""

from madang.kit.states import Graph

APPLIED, ADMITTED, ACTIVE, LEFT, REFUSED = "applied", "admitted", "active", "left", "refused"

#: Applied → admitted (by whom the class says) → active (shares paid) → left. Withdrawing an application is leaving early.
membership = Graph(
    "membership",
    initial=APPLIED,
    edges={
        APPLIED: {ADMITTED, REFUSED, LEFT},
        ADMITTED: {ACTIVE, LEFT},
        ACTIVE: {LEFT},
    },
    final={LEFT, REFUSED},
)
