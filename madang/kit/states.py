"""The life of a thing, declared as a graph of states and checked when it is built, so that one screen tells a whole life."""

from __future__ import annotations

from collections.abc import Mapping, Set

from madang.kit.errors import Refused


class BadGraph(ValueError):
    """A graph that no life could follow: it stops the program when the module is imported, not when a person meets it."""


class Graph:
    """States and the steps between them.

    ``edges`` maps a state to those it may become, ``final`` are the ends. Raises :class:`BadGraph` unless the initial state is
    known, every state can be reached from it, every state that is not final has a way out and every final one has none.
    """

    def __init__(self, name: str, *, initial: str, edges: Mapping[str, Set[str]], final: Set[str]) -> None:
        self.name = name
        self.initial = initial
        self.final = frozenset(final)
        self.edges: dict[str, frozenset[str]] = {state: frozenset(after) for state, after in edges.items()}
        self.states: tuple[str, ...] = tuple(dict.fromkeys([initial, *edges, *(s for after in edges.values() for s in sorted(after)), *sorted(final)]))
        self._check()

    def _check(self) -> None:
        if leaving := [state for state in self.final if self.edges.get(state)]:
            raise BadGraph(f"{self.name}: final states with a way out: {sorted(leaving)}")
        if stuck := [state for state in self.states if state not in self.final and not self.edges.get(state)]:
            raise BadGraph(f"{self.name}: no way out of {sorted(stuck)}, and not final")
        if lost := set(self.states) - self._from(self.initial):
            raise BadGraph(f"{self.name}: never reached from {self.initial!r}: {sorted(lost)}")
        if endless := [state for state in self.states if not self._from(state) & self.final]:
            raise BadGraph(f"{self.name}: no end can be reached from {sorted(endless)}")

    def _from(self, start: str) -> set[str]:
        seen, ahead = {start}, [start]
        while ahead:
            for state in self.edges.get(ahead.pop(), frozenset()) - seen:
                seen.add(state)
                ahead.append(state)
        return seen

    def may(self, old: str, new: str) -> bool:
        """Whether there is a step from ``old`` to ``new``."""
        return new in self.edges.get(old, frozenset())

    def check(self, old: str, new: str) -> None:
        """Raise ``Refused`` when there is no step from ``old`` to ``new``; its code is the state it is in, as in ``job-released``."""
        if not self.may(old, new):
            raise Refused(f"{self.name}-{old}", f"{self.name}: {old} → {new}")

    def is_final(self, state: str) -> bool:
        """Whether the life ends in this state."""
        return state in self.final
