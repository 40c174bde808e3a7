"""General meetings: called with notice, held with a quorum, decided on the spot, told in minutes."""
