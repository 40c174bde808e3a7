"""What can be proved: leaves, checkpoints, proofs."""
