"""Components: what every page leans on, without scripts and under a strict content security policy."""

import re
from html.parser import HTMLParser
from pathlib import Path

import brotli
import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, engines
from django.template.loader import render_to_string
from django.test import RequestFactory

TEMPLATES = Path(__file__).parent.parent / "templates"
STATIC = TEMPLATES.parent / "static"


class Plan(forms.Form):
    name = forms.CharField(help_text="As in the roster.")
    note = forms.CharField(required=False, widget=forms.Textarea)
    day = forms.DateField(label="First day")
    kind = forms.ChoiceField(choices=[("a", "On site"), ("b", "By video")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="I am sure")
    key = forms.CharField(widget=forms.HiddenInput, required=False)


class Elements(HTMLParser):
    """All start tags with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def with_id(self):
        return {attrs["id"]: tag for tag, attrs in self.found if attrs.get("id")}


def component(name, /, **context):
    return render_to_string(f"components/{name}.html", context)


def test_no_template_holds_what_the_policy_refuses():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        inline = re.findall(
            r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*(?:src=|application/json))""", text
        )
        assert not inline, f"{path.relative_to(TEMPLATES)}: {inline}"


def test_every_component_says_its_variables_and_can_be_read():
    files = sorted((TEMPLATES / "components").glob("*.html"))
    assert len(files) > 20
    for path in files:
        assert path.read_text(encoding="utf-8").startswith("{#"), path.name
        engines["django"].get_template(f"components/{path.name}")


def test_every_component_stands_in_the_guide():
    guide = (TEMPLATES.parent / "docs/design.md").read_text(encoding="utf-8")
    frame = {
        "account_links",
        "demo",
        "language",
        "language_buttons",
        "mark",
        "menu",
        "messages",
        "page_links",
        "styles",
    }
    parts = frame | {"help", "chart_table"}
    names = {path.stem for path in (TEMPLATES / "components").glob("*.html")} - parts
    assert sorted(name for name in names if f"`{name}.html`" not in guide) == []


def test_a_wrong_field_is_described_by_its_help_and_its_error():
    html = component("form", form=Plan({"name": "", "day": "soon", "kind": "c"}))
    page = Elements(html)
    ids = page.with_id()
    for tag, attrs in page.found:
        for name in (attrs.get("aria-describedby") or "").split():
            assert name in ids, f"{tag} {attrs.get('name')} points at {name}, which is not there"
    name = next(attrs for _tag, attrs in page.found if attrs.get("name") == "name")
    assert name["aria-describedby"] == "id_name_helptext id_name_error"
    assert name["aria-invalid"] == "true"


def test_the_error_summary_leads_to_each_wrong_field():
    form = Plan({"name": "", "day": "soon", "kind": "c"})
    form.add_error(None, "The two dates cross.")
    html = component("form", form=form)
    page = Elements(html)
    links = [attrs["href"] for tag, attrs in page.found if tag == "a"]
    assert links == ["#id_name", "#id_day", "#id_kind_group", "#id_sure"]
    assert {link[1:] for link in links} <= page.with_id().keys()
    assert "The two dates cross." in html
    assert "5 things need your attention" in html


def test_a_form_without_errors_has_no_summary_and_marks_what_is_optional():
    html = component("form", form=Plan())
    assert "data-error-summary" not in html
    assert html.count("(optional)") == 1
    assert 'type="hidden"' in html


def test_every_field_has_a_label_of_its_own():
    page = Elements(component("form", form=Plan()))
    labelled = {attrs.get("for") for tag, attrs in page.found if tag == "label"}
    inputs = [
        attrs["id"]
        for tag, attrs in page.found
        if tag in {"input", "textarea", "select"} and attrs.get("type") != "hidden"
    ]
    assert len(inputs) == 6
    assert set(inputs) <= labelled


@pytest.mark.parametrize("chosen", [None, 1, 5])
def test_a_scale_has_five_places_in_order_and_at_most_one_chosen(chosen):
    places = [(1, "Never"), (2, "Rarely"), (3, "Sometimes"), (4, "Often"), (5, "Very often")]
    page = Elements(component("scale", name="q1", number=1, text="on edge", choices=places, value=chosen))
    radios = [attrs for tag, attrs in page.found if tag == "input"]
    assert [radio["value"] for radio in radios] == ["1", "2", "3", "4", "5"]
    assert [int(radio["value"]) for radio in radios if "checked" in radio] == ([chosen] if chosen else [])


def test_a_point_offers_its_four_answers_and_keeps_a_remark_open():
    point = {
        "name": "p1",
        "text": "Labelled aloud",
        "value": "partly",
        "remark_name": "r1",
        "remark": "<late>",
    }
    html = component("checklist_row", **point)
    page = Elements(html)
    radios = [(attrs["value"], "checked" in attrs) for tag, attrs in page.found if tag == "input"]
    assert radios == [("aired", False), ("partly", True), ("missed", False), ("na", False)]
    assert ("details", {"class": "more", "open": None}) in page.found
    assert "&lt;late&gt;" in html
    assert "hx-post" not in html
    assert ">may<" not in html
    assert ">may<" in component("checklist_row", **point, must=False)
    assert component("checklist_row", **point, post="/maps/").count('hx-post="/maps/"') == 2


def test_pages_keep_the_other_parameters():
    request = RequestFactory().get("/?team=intake&page=2")
    page = Paginator(range(95), 30).page(2)
    html = render_to_string("components/pagination.html", {"page": page}, request=request)
    assert 'href="?team=intake&amp;page=3"' in html
    assert "31–60 of 95" in html
    assert render_to_string("components/pagination.html", {"page": Paginator([1], 30).page(1)}).strip() == ""


def test_a_dialog_works_without_scripts_and_carries_the_token():
    request = RequestFactory().get("/")
    context = {"id": "del", "open": "Delete", "title": "Delete?", "action": "/x/", "confirm": "Delete it"}
    html = render_to_string("components/dialog.html", context, request=request)
    assert 'popovertarget="del"' in html
    assert "csrfmiddlewaretoken" in html
    assert re.search(r'<dialog id="del" popover aria-labelledby="del_title"', html)


def test_only_the_first_thing_to_do_is_filled():
    items = [{"fact": f"Fact {n}", "why": "", "url": "/", "action": "Do"} for n in range(3)]
    assert component("todo", items=items, main=True).count("button main") == 1
    assert "All quiet" in component("todo", items=[], empty="All quiet")


def test_the_page_for_a_broken_server_needs_nothing():
    html = engines["django"].get_template("500.html").template.render(Context())
    assert "Something broke on our side" in html
    assert not re.search(r"\{[%{#]", html)


def test_the_frame_marks_the_demo_and_the_current_page():
    request = RequestFactory().get("/")
    nav = [
        {"label": "Plan", "url": "/plan/", "current": True},
        {"label": "People", "url": "/p/", "current": False},
    ]
    html = render_to_string("404.html", {"nav": nav, "demo": True, "request": request, "csrf_token": "t0ken"})
    assert '<a href="/plan/" aria-current="page">Plan</a>' in html
    assert "Demo: invented data" in html
    assert """hx-headers='{"x-csrftoken": "t0ken"}'""" in html
    assert '<html lang="en' in html


def test_the_styles_are_linked_once_each_in_the_order_of_their_layers():
    html = component("styles")
    linked = [Path(attrs["href"]).name for tag, attrs in Elements(html).found if tag == "link"]
    assert linked[0] == "tokens.css"
    assert sorted(linked) == sorted(
        path.name
        for path in (STATIC / "css").glob("*.css")
        if path.name not in ("pdf.css", "certificate.css")  # these two are for paper
    )
    order = re.findall(r"@layer ([\w, ]+);", (STATIC / "css/tokens.css").read_text())[0].split(", ")
    layers = [re.findall(r"@layer (\w+) \{", (STATIC / "css" / name).read_text()) for name in linked]
    assert [order.index(layer) for [layer] in layers] == sorted(order.index(layer) for [layer] in layers)
    broken = (TEMPLATES / "500.html").read_text(encoding="utf-8")
    written_out = re.findall(r"/static/css/([\w.]+)", broken)
    assert written_out
    assert set(written_out) <= set(linked)


def test_a_first_visit_stays_small():
    sheets = [path for path in (STATIC / "css").glob("*.css") if path.name != "pdf.css"]
    ours = sum(len(brotli.compress(path.read_bytes())) for path in [*sheets, *(STATIC / "js").glob("*.js")])
    assert ours < 25_000
