"""OpenSearch as an engine: an index on a cluster of servers, which this room alone speaks to."""
