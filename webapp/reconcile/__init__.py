"""The W3C Entity Reconciliation API (0.2) over our matcher: what OpenRefine speaks."""
