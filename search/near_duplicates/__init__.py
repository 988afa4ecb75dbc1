"""Near-duplicate detection: MinHash signatures, LSH clusters of articles, boilerplate passages."""
