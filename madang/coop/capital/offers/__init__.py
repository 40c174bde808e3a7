"""Share offers: what is offered on which terms, who applied, and what became of their money."""
