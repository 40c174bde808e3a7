"""Services on demand: homes are cleaned, people are paid, rules say how."""
