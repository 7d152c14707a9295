"""Count what partner sites show, by film and day."""
