"""Web interface of Klastriotsing: HTML pages and a JSON API.

Both use :class:`search.service.SearchService`.
"""

from webui.app import create_admin_app, create_app
from webui.operating.admin import AdminContext
from webui.operating.metrics import Metrics

__all__ = ["AdminContext", "Metrics", "create_admin_app", "create_app"]
