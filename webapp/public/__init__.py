"""The pages for moviegoers and readers."""
