"""For editors of services: they deliver their catalogue, and are told what became of each line."""
