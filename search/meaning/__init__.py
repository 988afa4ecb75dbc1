"""Search by meaning: embedding models, passages, and the fusion with search by words."""
