"""Open, check, accept or hold the runs that collect a platform's catalogue."""
