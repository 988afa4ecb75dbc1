"""Organisation extraction: rules and a CRF tagger find candidates, a filter merges mentions."""
