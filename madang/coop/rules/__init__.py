"""What was decided: declarations (code) and dated values (data)."""
