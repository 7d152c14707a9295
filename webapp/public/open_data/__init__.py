"""Publish open data: what was exported, its files, and its catalogue."""
