"""OpenSearch as an engine: an index on a cluster of servers, which this room alone speaks to."""

from search.engines.opensearch.cluster_examination import ClusterExamination
from search.engines.opensearch.connection import LOGIN, Connection
from search.engines.opensearch.document_packing import pack_documents
from search.engines.opensearch.opensearch_index import OpenSearchIndex

__all__ = ["LOGIN", "ClusterExamination", "Connection", "OpenSearchIndex", "pack_documents"]
