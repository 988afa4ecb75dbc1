"""The OpenSearch engine: keeps an index on a cluster; nothing else in the program talks to one."""

from search.engines.opensearch.cluster_diagnosis import ClusterDiagnosis
from search.engines.opensearch.connection import LOGIN, Connection
from search.engines.opensearch.document_packing import pack_documents
from search.engines.opensearch.opensearch_index import OpenSearchIndex

__all__ = ["LOGIN", "ClusterDiagnosis", "Connection", "OpenSearchIndex", "pack_documents"]
