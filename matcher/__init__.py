"""From an entry to a film: one matcher behind `ouvoir link` and `ouvoir match`."""
