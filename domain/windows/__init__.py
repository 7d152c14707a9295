"""Apply the chronologie des médias: which exploitation of a film is open on a day, and why an offer is absent."""
