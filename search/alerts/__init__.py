"""Alerts: saved searches whose new articles are sent to subscribers by e-mail.

``webui`` takes orders, confirmations and cancellations; ``klastriotsing alerts`` sends all e-mails.
They meet in a file of SQLite beside the index (:mod:`search.alerts.alert_store`).
"""

from pathlib import Path

FOLDER = "alerts"


def alerts_folder(index: Path) -> Path:
    """The directory of all that is kept of alerts, beside the generations of ``index``."""
    return index / FOLDER
