"""Decide again only the entries whose decision may have changed."""
