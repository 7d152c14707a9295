"""The floor: tables, and the few rules that every room must share."""
