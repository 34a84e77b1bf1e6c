from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        # A faulty instrument definition stops the product at start, not in somebody's survey.
        from assessments import instruments  # noqa: F401
