"""The lives of what is asked: shares back from a member who stays, shares passed on."""

from madang.kit.states import Graph

#: Waiting → paid (perhaps in parts), taken back by the member, or turned into a claim because they left.
withdrawal = Graph("withdrawal", initial="waiting", edges={"waiting": {"paid", "undone", "left"}}, final={"paid", "undone", "left"})

#: Offered → accepted by whoever gets them → done, at once or by a decision; until then either may call it off.
handover = Graph(
    "handover",
    initial="offered",
    edges={"offered": {"accepted", "declined", "undone"}, "accepted": {"done", "undone"}},
    final={"done", "declined", "undone"},
)
