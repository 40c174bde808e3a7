"""The journal itself, open to members by pseudonym and to those who keep or examine the books by name (docs/decisions/130)."""
