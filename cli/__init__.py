"""Verbs of the `ouvoir` command, one file a subject: cli/main.py gathers them."""
