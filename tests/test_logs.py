"""Log lines never hold an address that still opens something."""

import logging

from cecert_site.log_filters import MaskSecretPaths


def test_a_refused_survey_link_is_not_written_down():
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "Not Found: %s", ("/s/sesame-open/",), None
    )
    assert MaskSecretPaths().filter(record)
    assert record.getMessage() == "Not Found: /s/-/"


def test_the_console_handler_masks(settings):
    handler = settings.LOGGING["handlers"]["console"]
    assert handler["filters"] == ["secret_paths"]
    assert settings.LOGGING["filters"]["secret_paths"]["()"].endswith("MaskSecretPaths")
