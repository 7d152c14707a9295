"""Compare an entry with a film: pure functions, each giving one of a few named levels."""
