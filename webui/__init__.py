"""Web interface of Klastriotsing: HTML pages and a JSON API.

Both stand over :class:`search.service.SearchService`.
"""

from webui.admin import AdminContext
from webui.app import create_admin_app, create_app
from webui.metrics import Metrics

__all__ = ["AdminContext", "Metrics", "create_admin_app", "create_app"]
