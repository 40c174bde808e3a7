"""How we decide: one engine; a kind of decision is one file."""
