"""The verifier: checks what a co-op exported, on any computer, with no Django and no database."""
