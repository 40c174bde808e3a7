"""STV by Scotland's law: The Scottish Local Government Elections Order 2007 (SSI 2007/42), Schedule 1, rules 45 to 52.

Weighted inclusive Gregory: a surplus moves on all papers of the candidate, each at its value times surplus over votes, to five decimals,
the rest ignored (rule 48). Values are whole hundred-thousandths here. One surplus or one exclusion is a stage. That continuing candidates
take the last seats (rule 52) is looked at when a stage has ended, as the official counts do: the papers of who was excluded last are
transferred, and no surplus after that is. What "exhausted" holds is what the official sheets call non-transferable: papers without a next
preference and what the five decimals lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from madang.kit.counting.asking import Ask, nobody
from madang.kit.counting.ballots import Ballots, strict
from madang.kit.counting.lookback import break_tie
from madang.kit.counting.lot import Lot
from madang.kit.counting.result import Number, Result, Stage, Tie, named

NAME = "stv-scottish"
SCALE = 100_000

Paper = tuple[int, Number, tuple[int, ...], int]
"""(value in hundred-thousandths, how many, the preferences, how many of them are used up)."""


@dataclass
class _Count:
    names: tuple[str, ...]
    seats: int
    total: Number
    quota: Number
    lot: Lot
    hopeful: list[bool]
    votes: list[Number]
    piles: list[list[Paper]]
    elected: list[int] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    history: list[list[Number]] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)

    @property
    def open(self) -> int:
        return self.seats - len(self.elected)

    @property
    def continuing(self) -> list[int]:
        return [one for one, here in enumerate(self.hopeful) if here]


def count(ballots: Ballots, ask: Ask, seats: int) -> Result:
    """Count by rules 45 to 52. Ballots stop at an overvote or at a rank left empty (a preference is one in consecutive order)."""
    papers = strict(ballots, gap_ends=True)
    total = papers.valid
    if not total:
        return nobody(NAME, ballots, seats, papers.blank, papers.invalid)
    size = len(ballots.names)
    hopeful = [one not in ballots.withdrawn for one in range(size)]
    quota = (total // (seats + 1) + 1) * SCALE
    state = _Count(ballots.names, seats, total * SCALE, quota, ask.lot, hopeful, [0] * size, [[] for _ in range(size)])
    for ranking, number in papers.counted.items():
        state.piles[ranking[0]].append((SCALE, number, ranking, 1))
        state.votes[ranking[0]] += number * SCALE
    _close(state, (), [0] * size, "")
    while state.open > 0 and state.continuing:
        if state.pending:
            _transfer_surplus(state)
        else:
            _exclude(state)
    quota_said = quota // SCALE
    winners = tuple(state.names[one] for one in state.elected)
    return Result(NAME, winners, tuple(state.stages), tuple(state.ties), seats, total, papers.blank, papers.invalid, quota_said)


def _close(state: _Count, excluded: tuple[str, ...], gained: Sequence[Number], source: str) -> None:
    """End a stage: who reached the quota is elected (rule 47), and if as many continue as seats are left, all of them (rule 52)."""
    met = sorted((one for one in state.continuing if state.votes[one] >= state.quota), key=lambda one: -state.votes[one])
    met = _ordered(state, met)
    for one in met:
        state.hopeful[one] = False
        state.elected.append(one)
        if state.votes[one] > state.quota:
            state.pending.append(one)
    if 0 < len(state.continuing) <= state.open:
        rest = _ordered(state, sorted(state.continuing, key=lambda one: -state.votes[one]))
        for one in rest:
            state.hopeful[one] = False
        state.elected += rest
        met += rest
    got: dict[str, Number] = {name: many for name, many in named(state.names, gained, SCALE).items() if many}
    votes = named(state.names, state.votes, SCALE)
    lost = named(("",), (state.total - sum(state.votes),), SCALE)[""]
    state.stages.append(Stage(votes, tuple(state.names[one] for one in met), excluded, got, lost, source))
    state.history.append(list(state.votes))


def _ordered(state: _Count, falling: list[int]) -> list[int]:
    """Those elected in one stage by votes, equals by earlier stages, then by the lot (only the order of naming hangs on it)."""
    place = state.lot.places(state.names)
    return sorted(falling, key=lambda one: ([-state.votes[one]] + [-votes[one] for votes in reversed(state.history)], place[one]))


def _transfer_surplus(state: _Count) -> None:
    """Rules 48 and 49: the largest surplus goes first."""
    most = max(state.votes[one] for one in state.pending)
    tied = [one for one in state.pending if state.votes[one] == most]
    stage = len(state.stages) + 1
    giver, tie = break_tie(tied, state.history, state.names, state.lot, stage=stage, about="surplus", highest=True)
    if tie:
        state.ties.append(tie)
    state.pending.remove(giver)
    gained = _move(state, state.piles[giver], most - state.quota, most)
    state.piles[giver] = []
    state.votes[giver] = state.quota
    _close(state, (), gained, state.names[giver])


def _exclude(state: _Count) -> None:
    """Rules 50 and 51: who has the fewest votes is excluded, and their papers go on at the value at which they came."""
    fewest = min(state.votes[one] for one in state.continuing)
    tied = [one for one in state.continuing if state.votes[one] == fewest]
    stage = len(state.stages) + 1
    out, tie = break_tie(tied, state.history, state.names, state.lot, stage=stage, about="exclusion", highest=False)
    if tie:
        state.ties.append(tie)
    state.hopeful[out] = False
    pile, state.piles[out], state.votes[out] = state.piles[out], [], 0
    gained = _move(state, pile, None, 1)
    _close(state, (state.names[out],), gained, state.names[out])


def _move(state: _Count, pile: list[Paper], surplus: Number | None, of: Number) -> list[Number]:
    """Give each paper to its next continuing candidate; returns what each gained."""
    gained: list[Number] = [0] * len(state.names)
    hopeful, piles = state.hopeful, state.piles
    for value, number, ranking, used in pile:
        worth = value if surplus is None else int(surplus * value // of)
        size = len(ranking)
        while used < size and not hopeful[ranking[used]]:
            used += 1
        if used < size and worth:
            to = ranking[used]
            piles[to].append((worth, number, ranking, used + 1))
            gained[to] += worth * number
    for one, more in enumerate(gained):
        state.votes[one] += more
    return gained
