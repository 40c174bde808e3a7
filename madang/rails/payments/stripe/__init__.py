"""Stripe with Connect, through its official SDK. The SDK is imported at the first call, not when the program starts."""

from madang.rails.payments.stripe.adapter import Settings, Stripe

__all__ = ["Settings", "Stripe"]
