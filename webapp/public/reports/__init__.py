"""Let readers report what is wrong and follow what becomes of it: no account, no name, only a number."""
