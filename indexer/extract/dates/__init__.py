"""Publication date extraction: finds dates in text and URLs, scores them, selects one."""
