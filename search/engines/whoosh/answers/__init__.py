"""From a query tree to an answer: matching, scores, order and facet counts on arrays."""
