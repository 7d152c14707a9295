"""From an observation to a film: one matcher behind `ouvoir link` and `ouvoir match`."""
