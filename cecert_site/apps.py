from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "cecert_site"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - registers the view-gate check
