"""The way out: pages and a JSON API over :class:`search.service.SearchService`."""

from webui.app import create_app

__all__ = ["create_app"]
