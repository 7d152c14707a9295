"""The pages of open data: what was exported, its files, and its catalogue."""
