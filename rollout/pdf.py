"""Tagged PDF (PDF/UA) from a template, without the network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

VARIANT = "pdf/ua-1"


class PdfUnavailable(RuntimeError):
    """This machine lacks what PDFs are drawn with; the message says what to install."""


def render_pdf(template: str, context: Mapping[str, Any], *, lang: str) -> bytes:
    """The bytes of a tagged PDF of ``template`` (extends ``pdf/base.html``), written in ``lang``.

    Nothing is fetched: the style sheet comes from our static files, pictures are inline or ``data:``; any
    other address in the page is refused with ValueError. Raises PdfUnavailable where Pango is missing.
    Takes 0.2 s a page, and a second or more the first time: call it in the queue.
    """
    return write_pdf([lay_out(template, context, lang=lang)])


def lay_out(
    template: str, context: Mapping[str, Any], *, lang: str, styles: Sequence[str] = ("css/pdf.css",)
) -> Any:
    """The pages of ``template``, for ``write_pdf``; with what is refused and raised as above."""
    weasyprint = _weasyprint()
    with translation.override(lang):
        html = render_to_string(template, {**context, "lang": lang})
    refused: list[str] = []
    fetcher = _only_inline(refused)
    sheets = [weasyprint.CSS(string=_style(name), url_fetcher=fetcher) for name in styles]
    pages = weasyprint.HTML(string=html, url_fetcher=fetcher).render(stylesheets=sheets, pdf_variant=VARIANT)
    if refused:
        raise ValueError(f"A PDF may only hold what is inline, not {refused[0]}")
    return pages


def write_pdf(parts: Sequence[Any]) -> bytes:
    """One PDF of all pages that were laid out, in order; its title and language are those of the first."""
    whole = parts[0] if len(parts) == 1 else parts[0].copy([page for each in parts for page in each.pages])
    written: bytes = whole.write_pdf(pdf_variant=VARIANT)
    return written


def _weasyprint() -> Any:
    # Imported here: it takes more than a second, and the product starts without Pango.
    try:
        import weasyprint
    except OSError as error:
        raise PdfUnavailable(
            _(
                "PDFs need Pango, which this machine lacks. Debian: apt-get install libpango-1.0-0 "
                "libpangoft2-1.0-0 libharfbuzz-subset0 fonts-inter. macOS: brew install pango."
            )
        ) from error
    return weasyprint


def _only_inline(refused: list[str]) -> Any:
    """A fetcher that reads ``data:`` and notes every other address in ``refused``."""
    from weasyprint.urls import URLFetcher

    class InlineOnly(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith("data:"):
                refused.append(url)
                raise ValueError(f"not inline: {url}")
            return super().fetch(url, headers)

    return InlineOnly()


def _style(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"static/{name}")
    return Path(found).read_text(encoding="utf-8")
