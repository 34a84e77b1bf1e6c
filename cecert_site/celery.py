"""The queue. Tasks carry row ids only; the database row is the queue, so a lost message loses nothing."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cecert_site.settings")

app = Celery("cecert_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["cecert_site"])
