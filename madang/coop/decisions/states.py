"""The course of a decision, on one screen.

*draft* (only its author sees it) → *discussion* (at least as long as the way says) → *voting* (the electorate is frozen) →
*passed* (notice: everyone knows what will change and when) → *in_force*. Ways out: *rejected* by the tally, *withdrawn* by its
author before the vote ends, *failed* when it could not take effect (a value it was drafted from has moved, too few supporters),
*reverted* when the members went back on it within the time their way gives (``back.py``).
"""

from madang.kit.states import Graph

DRAFT, DISCUSSION, VOTING, PASSED, IN_FORCE = "draft", "discussion", "voting", "passed", "in_force"
REJECTED, WITHDRAWN, FAILED, REVERTED = "rejected", "withdrawn", "failed", "reverted"

proposal = Graph(
    "proposal",
    initial=DRAFT,
    edges={
        DRAFT: {DISCUSSION, WITHDRAWN},
        DISCUSSION: {VOTING, WITHDRAWN, FAILED},
        VOTING: {PASSED, REJECTED, WITHDRAWN},
        PASSED: {IN_FORCE, FAILED},
        IN_FORCE: {REVERTED},
    },
    final={REJECTED, WITHDRAWN, FAILED, REVERTED},
)

OPEN = (DISCUSSION, VOTING, PASSED)
OVER = (IN_FORCE, REJECTED, WITHDRAWN, FAILED, REVERTED)
FOR, AGAINST, ABSTAIN = "for", "against", "abstain"
CHOICES = (FOR, AGAINST, ABSTAIN)
MARKED = "marked"
"""A ballot on several options; what is marked stands beside it."""
