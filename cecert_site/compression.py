"""Pages are sent compressed where they hold no answer and no key: docs/decisions/0009-compressed-pages.md."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

AS_THEY_ARE = ("/accounts/", "/me/", "/s/", "/survey/")
"""Sign-in, mailed links, the survey and own results: short pages, and how well one compresses tells of what is in it."""


class CompressedPages(GZipMiddleware):
    """HTML as gzip, for browsers that ask for it. Files have a compression of their own or hardly shrink."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if not is_page or request.path.startswith(AS_THEY_ARE):
            return response
        return super().process_response(request, response)
