"""Who is here: persons, organisations, sign-in, language, privacy."""
