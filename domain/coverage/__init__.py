"""Count the coverage tables of the CNC as of any day."""
