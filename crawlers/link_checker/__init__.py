"""Check the links to services' pages: whether each page is still there; nothing of it is read."""
