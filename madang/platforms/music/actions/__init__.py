"""The verbs of music: ``wallets`` (money in), ``listening`` (plays), ``catalogue`` (artists, releases, tracks), ``splitting`` (who gets what),
``preparing`` (files that sound), ``settling`` (a month's money), ``keeping`` (favourites and playlists), ``keys`` (players of others)."""
