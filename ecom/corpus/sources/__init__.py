"""One reader a format: raw files -> Examples, and Rejected lines with their reason."""
