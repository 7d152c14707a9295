"""Let the editors of services deliver their catalogue, and read what became of each entry."""
