"""Serve the pages for moviegoers and readers."""
