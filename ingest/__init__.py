"""Read the catalogues that editors post: parsed, checked, answered line by line. No Flask."""
