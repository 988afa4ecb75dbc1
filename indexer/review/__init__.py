"""Review lists for the owner: likely aliases, missing values, unknown words."""

from indexer.review.reviewer import Reviewer

__all__ = ["Reviewer"]
