"""Record which film each entry is: judgements, rejected films, merged films, and identifiers."""
