"""The pages of services: ``booking`` (catalogue, quote, times), ``jobs`` (a client's visits), ``day`` (a worker's), ``office`` (the board), ``homes``."""
