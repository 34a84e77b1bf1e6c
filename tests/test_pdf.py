"""PDFs: tagged, in their language, from inline material only."""

import builtins
import io
import socket
from datetime import date

import pytest
from pypdf import PdfReader

from rollout import charts
from rollout.pdf import PdfUnavailable, render_pdf

PAGE = """{% extends "pdf/base.html" %}{% block content %}
<h2>Delivered</h2><p>{{ sentence }}</p>{% include "components/chart.html" with chart=chart print=True only %}
{{ extra|safe }}{% endblock %}"""


@pytest.fixture
def report(tmp_path, settings):
    """Writes a report template where the engine finds it first."""
    (tmp_path / "report_for_test.html").write_text(PAGE, encoding="utf-8")
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]
    bar = charts.scale_bar(name="Burnout", score=27, level="average", low=22, high=32, uid="bo")
    return {"title": "Rollout report", "sentence": "82 of 90 people <have> their hours.", "chart": bar}


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError(f"the network was asked for {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def read(written):
    return PdfReader(io.BytesIO(written))


def every_element(node):
    """All structure elements below a node of the tag tree."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from every_element(child)
    elif isinstance(node, dict):
        yield node
        if "/K" in node:
            yield from every_element(node["/K"])


def test_a_report_can_be_read_back_with_its_figures(report, no_network):
    reader = read(render_pdf("report_for_test.html", report, lang="en"))
    text = reader.pages[0].extract_text()
    assert "Rollout report" in text
    assert "82 of 90 people <have> their hours." in text
    assert "Likely between" in text
    assert "22–32" in text
    assert "1 / 1" in text


def test_a_report_is_tagged_and_names_its_language_and_title(report):
    reader = read(render_pdf("report_for_test.html", report, lang="es"))
    catalog = reader.root_object
    assert catalog["/Lang"] == "es"
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Rollout report"
    assert reader.metadata.author == "CE-CERT Rollout"
    kinds = {element.get("/S") for element in every_element(catalog["/StructTreeRoot"]["/K"])}
    assert {"/H1", "/H2", "/P", "/Figure", "/Table", "/TH", "/TD"} <= kinds


def test_every_chart_speaks_its_takeaway_as_alternative_text(report):
    reader = read(render_pdf("report_for_test.html", report, lang="en"))
    tree = every_element(reader.root_object["/StructTreeRoot"]["/K"])
    said = [element.get("/Alt") for element in tree if element.get("/S") == "/Figure"]
    assert said == ["Burnout: 27 of 50, average; likely between 22 and 32"]


def test_the_timeline_in_a_pdf_fills_its_lane(report, no_network):
    """A chart without a width would leave its letters out or on top of one another."""
    lanes = charts.timeline(
        dose=[charts.DoseMonth(date(2026, 6, 1), 82, 90)],
        calls=[charts.CallMark(1, date(2026, 6, 20), held=True)],
        fidelity=[charts.FidelityMark(date(2026, 6, 20), "call 1", 0.88, 12)],
        outcomes=[],
        today=date(2026, 6, 25),
        months=[date(2026, 6, 1), date(2026, 7, 1)],
    )
    reader = read(render_pdf("report_for_test.html", report | {"extra": lanes.dose.svg}, lang="en"))
    places = {}
    reader.pages[0].extract_text(visitor_text=lambda text, cm, tm, *_: places.update({text.strip(): tm[4]}))
    assert places["10"] < 50
    assert places["50"] > 600, "the scale spans the page"
    assert places["1"] < places["today"], "call 1 lies before today"
    assert places["today"] > 200


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/a.png", "file:///etc/hostname", "/static/css/base.css"]
)
def test_what_lies_outside_is_refused_not_fetched(report, no_network, address):
    report["extra"] = f'<img src="{address}" alt="x">'
    if address.startswith("/"):
        # Without a base there is no such address; the picture is left out and nothing is read.
        assert b"%PDF" in render_pdf("report_for_test.html", report, lang="en")
    else:
        with pytest.raises(ValueError, match="only hold what is inline"):
            render_pdf("report_for_test.html", report, lang="en")


def test_without_pango_the_message_says_what_to_install(report, monkeypatch):
    real = builtins.__import__

    def lacking(name, *args, **kwargs):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(
        PdfUnavailable, match=r"libpango-1\.0-0 libpangoft2-1\.0-0 libharfbuzz-subset0 fonts-inter"
    ):
        render_pdf("report_for_test.html", report, lang="en")
