"""The operator's view, on a listener of its own that is never open to the public.

Who may see it is decided by who can reach the port, not by anything in a request.
"""

import contextlib
from dataclasses import dataclass

from flask import Blueprint, Response, render_template
from prometheus_client import CONTENT_TYPE_LATEST

from search.errors import KlastriError
from search.views import Statistics
from webui.monitor import AskedQuery
from webui.site import localisation, site

#: How many queries of each kind are listed.
LISTED = 50

admin = Blueprint("admin", __name__)


@dataclass(frozen=True, slots=True)
class AdminPage:
    """What the operator sees; ``problem`` says why there is nothing to answer from."""

    statistics: Statistics | None
    problem: str
    keeps_queries: bool
    slow: tuple[AskedQuery, ...]
    empty: tuple[AskedQuery, ...]


@admin.get("/admin")
def overview() -> str:
    """What is in the index, and which queries are slow or find nothing."""
    monitor = site().monitor
    statistics, problem = None, ""
    try:
        statistics = site().service.statistics()
    except KlastriError as error:
        problem = localisation().error(error)
    page = AdminPage(
        statistics,
        problem,
        monitor.keeps_queries,
        monitor.slowest(LISTED),
        monitor.without_result(LISTED),
    )
    return render_template("admin.html", page=page, state=None)


@admin.get("/metrics")
def metrics() -> Response:
    """Counts for Prometheus."""
    articles = None
    with contextlib.suppress(KlastriError):  # said by a gauge of its own
        articles = site().service.document_count()
    return Response(site().monitor.metrics(articles), content_type=CONTENT_TYPE_LATEST)
