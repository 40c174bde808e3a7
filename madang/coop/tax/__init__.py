"""Taxes: what the law of the country asks, who is registered for what, tax on its own accounts, and the papers a tax office reads."""

DUTY = "payouts"
"""Who deals with the tax office: whoever sends money out (every charter has an office for it)."""
