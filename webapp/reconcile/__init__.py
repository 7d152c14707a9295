"""Serve the W3C Entity Reconciliation API (0.2), which OpenRefine speaks, over the matcher."""
