"""Review lists for the owner: what is worth a look, each line ready to be pasted into its file."""

from indexer.review.reviewer import Reviewer

__all__ = ["Reviewer"]
