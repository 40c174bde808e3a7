"""The lives of a release, a track's sound, an agreement on a split and a month's settlement, each on one screen.

A release: *draft* → *scheduled* (a day is set; it may be ordered before) → *published*; *withdrawn* by its artist and back, *taken-down* after a report;
*removed* for good, with its files, where nobody owns a track of it.
A sound: *waiting* (uploaded) → *preparing* → *ready*, or *refused* with the reason; a new file makes it wait again.
An agreement: *proposed* → *agreed* when every party confirmed → *replaced* by the next; *withdrawn* or *declined* before.
A settlement: *open* → *counted* (every figure is there) → *booked* (every account has its money).
"""

from madang.kit.states import Graph

DRAFT, SCHEDULED, PUBLISHED, WITHDRAWN, TAKEN_DOWN, REMOVED = "draft", "scheduled", "published", "withdrawn", "taken-down", "removed"
RELEASE = Graph(
    "release",
    initial=DRAFT,
    edges={
        DRAFT: {SCHEDULED, PUBLISHED, REMOVED},
        SCHEDULED: {DRAFT, PUBLISHED},
        PUBLISHED: {WITHDRAWN, TAKEN_DOWN},
        WITHDRAWN: {PUBLISHED, TAKEN_DOWN, REMOVED},
        TAKEN_DOWN: {PUBLISHED, WITHDRAWN, REMOVED},
    },
    final={REMOVED},
)
RELEASE_STATES = (DRAFT, SCHEDULED, PUBLISHED, WITHDRAWN, TAKEN_DOWN, REMOVED)

WAITING, PREPARING, READY, REFUSED = "waiting", "preparing", "ready", "refused"
SOUND = Graph(
    "sound",
    initial=WAITING,
    edges={WAITING: {PREPARING}, PREPARING: {READY, REFUSED, WAITING}, READY: {WAITING, REMOVED}, REFUSED: {WAITING, REMOVED}},
    final={REMOVED},
)
SOUND_STATES = (WAITING, PREPARING, READY, REFUSED, REMOVED)

PROPOSED, AGREED, REPLACED, DECLINED = "proposed", "agreed", "replaced", "declined"
AGREEMENT = Graph(
    "agreement",
    initial=PROPOSED,
    edges={PROPOSED: {AGREED, DECLINED, WITHDRAWN}, AGREED: {REPLACED}},
    final={REPLACED, DECLINED, WITHDRAWN},
)
AGREEMENT_STATES = (PROPOSED, AGREED, REPLACED, DECLINED, WITHDRAWN)

OPEN, COUNTED, BOOKED = "open", "counted", "booked"
SETTLEMENT = Graph("settlement", initial=OPEN, edges={OPEN: {COUNTED}, COUNTED: {BOOKED}}, final={BOOKED})
SETTLEMENT_STATES = (OPEN, COUNTED, BOOKED)
