"""The pages of music: ``listening`` (look around, play, wallet), ``making`` (the studio), ``sharing`` (splits, earnings, models), ``sound`` (the files)."""
