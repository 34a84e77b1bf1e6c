"""The roof: settings, addresses and every page that needs more than one app. Owns no table."""

from .celery import app as celery_app

__all__ = ["celery_app"]
