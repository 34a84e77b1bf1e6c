"""What makes the product installable, and calm without a connection: manifest, service worker, offline page.

None of it is about anybody: no cookie is read, the language comes in the address.
"""

import hashlib
import json
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder, find
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rollout.access import public

HTMX = "django_htmx/htmx-2.min.js"
NOT_IN_PAGES = ("css/pdf.css", "js/worker.js")
WORKER = "js/worker.js"
HOUR = "public, max-age=3600"


def asked_language(request: HttpRequest) -> str:
    """``?lang=`` if the product speaks it, else the language in force."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else get_language() or settings.LANGUAGE_CODE


@public
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a browser needs to install the product: name, icons, colors, where it starts."""
    language = asked_language(request)
    with override(language):
        content = {
            "id": "/",
            "name": "CE-CERT Rollout",
            "short_name": "CE-CERT",
            "description": _("Training, consultation and surveys of CE-CERT in your agency."),
            "lang": language,
            "dir": "ltr",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "theme_color": "#ffffff",
            "background_color": "#faf9f6",
            "icons": [
                {"src": static("icon.svg"), "type": "image/svg+xml", "sizes": "any"},
                {"src": static("icon-192.png"), "type": "image/png", "sizes": "192x192"},
                {"src": static("icon-512.png"), "type": "image/png", "sizes": "512x512"},
                {
                    "src": static("icon-maskable-512.png"),
                    "type": "image/png",
                    "sizes": "512x512",
                    "purpose": "maskable",
                },
            ],
        }
    headers = {"Cache-Control": HOUR, "Content-Language": language}
    return JsonResponse(content, content_type="application/manifest+json", headers=headers)


@public
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What a browser shows instead of a page that it cannot reach. The same for everybody."""
    language = asked_language(request)
    headers = {"Cache-Control": HOUR, "Content-Language": language}
    return HttpResponse(offline_page(language), headers=headers)


def offline_page(language: str) -> str:
    with override(language):
        return render_to_string("site/offline.html", {"demo": settings.DEMO})


@public
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker: what to keep, under which version, and the script that does it (static/js/worker.js)."""
    script = f"self.shell = {json.dumps(shell(asked_language(request)))};\nimportScripts({json.dumps(static(WORKER))});\n"
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": HOUR})


def shell(language: str) -> dict[str, Any]:
    """What the service worker keeps: ``files`` by address, the ``offline`` page, the ``version`` of it all."""
    parts = [manifest_hash(), language, offline_page(language)]
    version = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    files = [static(name) for name in page_files()]
    return {"version": version, "files": files, "offline": f"{reverse('offline')}?lang={language}"}


@cache
def page_files() -> list[str]:
    """Static files that pages are made of: our own styles, scripts and drawing, and htmx."""
    own = [name for name, _storage in FileSystemFinder().list([])]
    used = [
        name for name in own if name.endswith((".css", ".js", ".svg", ".woff2")) and name not in NOT_IN_PAGES
    ]
    return sorted([*used, HTMX])


@cache
def manifest_hash() -> str:
    """The hash of all collected static files; without a manifest (while developing) that of the files themselves."""
    if known := getattr(staticfiles_storage, "manifest_hash", ""):
        return str(known)
    found = hashlib.sha256()
    for name in [*page_files(), WORKER]:
        with open(str(find(name)), "rb") as file:
            found.update(file.read())
    return found.hexdigest()
