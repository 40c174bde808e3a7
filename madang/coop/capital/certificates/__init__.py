"""Share certificates: numbered without a gap, each with a proof in the record."""
