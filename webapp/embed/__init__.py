"""Serve partner sites: the block as an element or a frame, its data, the page that writes its code, and partners' figures."""
