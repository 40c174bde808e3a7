"""Telling people: tasks, inbox, mail, and work that falls due."""
