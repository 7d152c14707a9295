"""Load films, entries and examples from the database or from CSV files."""
