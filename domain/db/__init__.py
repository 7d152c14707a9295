"""Open, migrate and lock the database; follow what was written in it."""
