"""Decide which film an entry is: the only writer of judgements, and what is derived from them."""
