"""The life of a general meeting, on one screen.

*draft* (only those who call meetings see it) → *called* (everyone has notice) → *open* (it is being held) → *closed* (its minutes are
signed and confirmed). *cancelled* from before it began. And of a point of its agenda: see ``models.Item``.
"""

from madang.kit.states import Graph

DRAFT, CALLED, OPEN, CLOSED, CANCELLED = "draft", "called", "open", "closed", "cancelled"

meeting = Graph(
    "meeting",
    initial=DRAFT,
    edges={DRAFT: {CALLED, CANCELLED}, CALLED: {OPEN, CANCELLED}, OPEN: {CLOSED}},
    final={CLOSED, CANCELLED},
)
