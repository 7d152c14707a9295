"""Serve the pages of agents: signing in, reviewing links, correcting films, watching collection."""
