"""Files that sound, without a database: what one is (``probe``), what it says of itself (``tags``), how loud it is (``loudness``), and what is made of it
(``prepare``: renditions for listening, a waveform, all in one pass; ``stream`` while somebody listens)."""
