"""Publish what a public service owes its readers: what it does and how, who answers for it, what it measures of itself."""
