"""``madang simulate``: a co-op that nobody planned, on the real program and a real PostgreSQL, with everything going wrong that can.

``plan`` draws, from one seed, what happens and what goes wrong · ``steps/`` one file a kind of thing that happens: how it is drawn, how it is
done, what a small model says must come of it · ``world`` a data folder with a PostgreSQL of its own · ``worker`` the process that does a
step, and is killed · ``run`` leads one seed · ``judge`` holds the books against the model · ``command`` the front door.
See docs/simulate.md and docs/decisions/070-simulation.md.
"""
