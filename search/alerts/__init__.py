"""Alerts: saved searches whose new articles are sent to subscribers by e-mail.

``webui`` takes orders, confirmations and cancellations; ``klastriotsing alerts`` sends all e-mails.
They share an SQLite file beside the index (:mod:`search.alerts.alert_store`).
"""

from pathlib import Path

FOLDER = "alerts"


def alerts_folder(index: Path) -> Path:
    """The directory of all files of alerts, beside the generations of ``index``."""
    return index / FOLDER
