"""The links to services' pages, asked one by one whether the page is still there; nothing of it is read."""
