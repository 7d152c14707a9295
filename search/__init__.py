"""Find films by what people type: a full-text index, a forgiving query, and a title resolved to a film. No Flask."""
