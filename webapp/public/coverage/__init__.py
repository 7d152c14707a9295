"""Show coverage to the public: what the site knows now, and the CNC's tables as of any day."""
