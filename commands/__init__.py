"""Verbs of the `ouvoir` command, one file a subject: cli.py gathers them."""
