"""Find films without a title in mind: what is new, what leaves, what is free, by decade, service or director; and feeds."""
