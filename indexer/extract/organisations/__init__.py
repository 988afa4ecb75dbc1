"""Organisation extraction: rules and tagger find candidates, a filter merges them."""
