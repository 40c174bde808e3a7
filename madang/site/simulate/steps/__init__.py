"""What can happen, one file a kind. A new kind is one more file here, with these names:

``draw(dice, days) -> [Step]`` what happens, of one seed's dice alone · ``fill(model, verb, args)`` the arguments as they are when it happens, None when
there is nothing to do it with · ``DO`` {verb: how the program is asked} (runs in the worker; imports the program inside) · ``EXPECT`` {verb: what the
model says: raises ``No(code)`` where the program has to refuse} · ``swept`` what the steward must have done · ``MAKES`` verbs without a key of the caller's.
"""

from __future__ import annotations

from types import ModuleType

from madang.site.simulate.steps import disputes, money, offers, pots, rails, visits, votes, withdrawals, yearend

_ALL = (disputes, visits, pots, money, votes, yearend, rails, offers, withdrawals)
KINDS: dict[str, ModuleType] = {module.__name__.rpartition(".")[2]: module for module in _ALL}
"""By name, in the order in which ``swept`` is asked: what the payer's bank decided takes a visit off, so it comes first."""
