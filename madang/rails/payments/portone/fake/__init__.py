"""A PortOne of our own on the loopback, for tests and simulations: it keeps state and idempotency keys, checks every request against the types
of the official SDK, signs its messages, and can be told to fail. No money moves."""

from madang.rails.payments.portone.fake.server import FakePortOne
from madang.rails.payments.portone.fake.world import Message, World

__all__ = ["FakePortOne", "Message", "World"]
