"""`ouvoir probe`: what a site says of itself to robots, and a first platform file for it."""
