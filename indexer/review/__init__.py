"""Lists for the owner: what is worth a look, each line ready for the file that it belongs to."""

from indexer.review.reviewer import Reviewer

__all__ = ["Reviewer"]
