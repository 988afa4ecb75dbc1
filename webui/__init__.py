"""The way out: pages and a JSON API over :class:`search.service.SearchService`."""

from webui.app import create_admin_app, create_app
from webui.monitor import Monitor

__all__ = ["Monitor", "create_admin_app", "create_app"]
