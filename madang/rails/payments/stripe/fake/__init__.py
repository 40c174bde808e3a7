"""A stand-in for Stripe that remembers, checks and can be told to fail: for tests, simulations and for trying the whole walk without a network.

It takes what the official SDK sends and holds every parameter against the SDK's own types. See :class:`Server`, :class:`World`.
"""

from madang.rails.payments.stripe.fake.server import Server
from madang.rails.payments.stripe.fake.world import World

__all__ = ["Server", "World"]
