"""The way out: pages and a JSON API over :class:`search.service.SearchService`."""

from webui.admin import Desk
from webui.app import create_admin_app, create_app
from webui.monitor import Monitor

__all__ = ["Desk", "Monitor", "create_admin_app", "create_app"]
