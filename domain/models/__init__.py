"""Define the database's tables, one file a subject; `registry` imports them all."""
