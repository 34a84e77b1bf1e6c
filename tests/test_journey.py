"""The whole job in one go: a roster becomes a trained, consulted, surveyed agency with a report. Four people, one test.

Whatever can be pressed is pressed in Chromium; the heartbeat and the maker of documents run in this process, mail goes
to a mail server, and the clock is moved from one date to the next. What the figures must be is worked out by
arithmetic of the tests' own.
"""

import io
import random
import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from cecert_site import tasks
from rollout.models import Document, Person
from tests import journey as people
from tests import smtp_sink as sinks
from tests.browser import picture
from tests.independent_scorer import ORDER, score_row
from tests.journey import (
    LEADER,
    REMARK,
    ROSTER,
    SCALES,
    SITUATION,
    STAFF,
    SUPERVISOR,
    TRAINER,
    Walk,
    flat,
    levels,
    link_for,
    mean,
    roster,
    scores,
    sign_in,
    sign_in_by_code,
    some_answers,
    team_row,
    twenty_four_more_answer,
)
from tests.leaks import everything_stored, forms_of, found_in

smtp_sink = sinks.smtp_sink
walk = people.walk
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_a_roster_file_to_a_report_by_four_people(walk: Walk, tmp_path: Any, caplog: Any) -> None:
    caplog.set_level("WARNING", "mail.log")  # that of the mail server in this test, which hears everything
    caplog.set_level("DEBUG")
    walk.at(11, 8, 30)
    with walk.somebody() as page:
        sign_in(page, LEADER)
        commit_leadership(page)
        import_the_roster(page)
        plan_the_training(page, walk)
        plan_the_calls(page)
        open_the_wave(page, walk)
    heartbeat_invites_everybody(walk)
    walk.at(11, 12, 10)
    with walk.somebody(phone=True) as page:
        answer_on_a_phone(page, walk)
        see_the_result(page, walk)
    twenty_four_more_answer(walk)
    hold_day_one(walk)
    hold_day_two(walk)
    walk.at(25, 9)
    with walk.somebody() as page:
        prepare_call_one(page, walk)
    heartbeat_reminds_only_who_has_not_answered(walk)
    walk.at(27, 15)
    with walk.somebody() as page:
        sign_in(page, LEADER)
        figures = close_the_wave(page, walk)
        text = download_the_report(page, walk)
    the_report_says_the_same(text, figures, walk)
    nothing_is_stored_in_clear(walk, tmp_path, caplog.text)


# --- the leader plans -------------------------------------------------------------------------------------------


def commit_leadership(page: Page) -> None:
    """The first step of enrollment that is open; without it no training session can be planned."""
    page.get_by_role("link", name="Go on", exact=True).click()
    page.get_by_label("Who", exact=True).fill("Dr. Vale")
    page.get_by_label("Title").fill("Director")
    page.get_by_label("Time for training").check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("link", name="Later").click()


def import_the_roster(page: Page) -> None:
    page.set_input_files("input[type=file]", ROSTER)
    page.get_by_role("button", name="See what it would change").click()
    expect(page.get_by_role("heading", name="clearwater.csv")).to_be_visible()
    expect(page.get_by_text("Add 120 people.")).to_be_visible()
    assert not Person.objects.exists()  # a preview writes nothing
    picture(page, "journey_roster_preview")
    page.get_by_role("button", name="Import it").click()
    expect(page.get_by_role("link", name="Go on with enrollment")).to_be_visible()
    assert Person.objects.count() == 120
    page.goto("/agencies/clearwater/training/")


def plan_the_training(page: Page, walk: Walk) -> None:
    """A cohort of Foundations with everybody, and its two days on January 14 and 15."""
    page.get_by_role("link", name="New cohort").click()
    page.get_by_label("Curriculum").select_option(label="CE-CERT Foundations")
    page.get_by_label("Name").fill("Winter")
    page.get_by_role("button", name="Make the cohort").click()
    walk.pages["cohort"] = page.url
    page.get_by_label("Everybody (120)").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("120 people added.")).to_be_visible()
    for day, on in ((1, "2027-01-14"), (2, "2027-01-15")):
        page.get_by_role("link", name="Plan a session").click()
        expect(page.get_by_label("Title")).to_have_value(f"CE-CERT Foundations, day {day}")
        page.get_by_label("Date").fill(on)
        page.get_by_label("Place").fill("River room")
        page.get_by_label("Trainer").select_option(label="Jan Moor")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(f"CE-CERT Foundations, day {day} is saved.")).to_be_visible()
        name = f"CE-CERT Foundations, day {day}"
        walk.pages[f"day {day}"] = page.get_by_role("link", name=name).get_attribute("href") or ""
    picture(page, "journey_cohort")


def plan_the_calls(page: Page) -> None:
    page.goto("/agencies/clearwater/consultation/new/")
    page.get_by_label("Name").fill("Supervisors 2027")
    assert page.locator("input[name=members]:checked").count() == 7  # whoever supervises a team is ticked
    page.get_by_label("First call on").fill("2027-02-02")
    page.get_by_label("Starts").fill("10:00")
    page.get_by_label("Starts").blur()
    create = page.get_by_role("button", name="Create the ten calls")  # the dates appear by themselves
    expect(create).to_be_visible()
    assert page.locator("input[name=day]").count() == 10
    page.wait_for_load_state("networkidle")  # the dates are worked out anew after each field
    picture(page, "journey_ten_dates")
    create.click()
    expect(page.get_by_text("Ten calls are planned.")).to_be_visible()


def open_the_wave(page: Page, walk: Walk) -> None:
    page.goto("/agencies/clearwater/assessments/")
    page.get_by_role("link", name="Open the baseline").click()
    page.get_by_label("Closes at the end of").fill("2027-01-31")
    page.get_by_role("button", name="Open and invite 120 people").click()
    expect(page.get_by_role("heading", name="Baseline survey")).to_be_visible()
    walk.pages["wave"] = page.url


def heartbeat_invites_everybody(walk: Walk) -> None:
    walk.at(11, 9, 30)
    tasks.heartbeat()
    assert len(set(walk.sink.recipients)) == len(walk.sink.recipients) == 120


# --- staff answer -----------------------------------------------------------------------------------------------


def answer_on_a_phone(page: Page, walk: Walk) -> None:
    """From the mailed link to the thanks, thirty taps; what was tapped is saved before anything is sent."""
    mine = walk.answers[STAFF] = some_answers(random.Random(1))
    page.goto(link_for(walk, STAFF))
    expect(page.get_by_text("Only you can see your answers and your result.")).to_be_visible()
    picture(page, "journey_before_the_survey")
    page.get_by_role("button", name="Begin").tap()
    for first in range(0, 30, 5):
        expect(page.locator("fieldset.question")).to_have_count(5)
        for number in range(first, first + 5):
            with page.expect_response(lambda response: response.request.method == "POST") as saved:
                page.locator(f"#q{number + 1} label").nth((mine[number] or 0) - 1).tap()
            assert saved.value.status == 200
            expect(page.locator("#progress")).to_contain_text(f"{number + 1} of 30 answered")
        if first == 10:
            picture(page, "journey_survey")
        page.get_by_role("button", name="Finish" if first == 25 else "Next").locator("visible=true").tap()
        page.wait_for_load_state()
    expect(page.get_by_role("heading", name="Thank you. Your answers are in.")).to_be_visible()


def see_the_result(page: Page, walk: Walk) -> None:
    """Signed in by a mailed code; the scores are those of the other scorer."""
    page.get_by_role("link", name="Sign in to see my result").tap()
    sign_in_by_code(page, walk, STAFF)
    expect(page.get_by_role("heading", name="Your result")).to_be_visible()
    for code, (score, level) in zip(ORDER, score_row(walk.answers[STAFF]), strict=True):
        panel = page.locator("section.card").filter(has=page.get_by_role("heading", name=SCALES[code]))
        expect(panel.locator("p.num").first).to_contain_text(f"{score} of 50 · {level}")
    picture(page, "journey_result")


# --- the trainer ------------------------------------------------------------------------------------------------


def row_of(page: Page, email: str) -> Any:
    person = Person.objects.get(email=email)
    return page.locator(f"#p-{person.uuid}")


def hold_day_one(walk: Walk) -> None:
    """Two come early, the rest at once, one of them not at all; one leaves at noon; MAPS in the evening."""
    first, second, absent, early = [row["email"] for row in roster()][20:24]
    walk.at(14, 8, 40)
    with walk.somebody(phone=True) as page:
        sign_in(page, TRAINER)
        page.goto(walk.pages["day 1"])
        for count, email in enumerate((first, second), 1):
            row_of(page, email).get_by_role("button", name="Sign in").tap()
            expect(row_of(page, email)).to_contain_text("In 8:4")
            expect(page.locator("#dock")).to_contain_text(f"{count} of 120")
        page.get_by_role("button", name="Sign in all").tap()
        page.get_by_role("button", name="Sign them in now").tap()
        expect(page.get_by_text("118 people recorded.")).to_be_visible()
        row_of(page, absent).get_by_role("button", name="Undo").tap()
        expect(page.locator("#dock")).to_contain_text("119 of 120")
        walk.at(14, 12, 5)
        row_of(page, early).get_by_role("button", name="Sign out").tap()
        expect(row_of(page, early)).to_contain_text("Out 12:05")
        picture(page, "journey_attendance")
        walk.at(14, 16, 45)
        page.reload()
        page.get_by_role("button", name="All stayed").tap()
        page.locator("#all_out button.main").tap()
        expect(page.get_by_text("118 people recorded.")).to_be_visible()
        expect(row_of(page, early)).to_contain_text("Signed out 265 min early")
        expect(row_of(page, absent)).to_contain_text("Absent")
        page.get_by_role("link", name="Log MAPS").tap()
        log_maps(page, walk)


def log_maps(page: Page, walk: Walk) -> None:
    """Every point aired but three: one partly, one not, one not applicable. Half a point for what was partly aired."""
    expect(page.get_by_role("heading", name="points to air")).to_be_visible()
    points = page.locator("ol.points > li")
    must = [place for place in range(points.count()) if not points.nth(place).locator(".tag").count()]
    given = {must[1]: "Partly", must[2]: "Not aired", must[3]: "Not applicable"}
    for place in range(points.count()):
        with page.expect_response(lambda response: response.request.method == "POST") as saved:
            points.nth(place).locator("label").nth(CHOICES.index(given.get(place, "Aired"))).tap()
        assert saved.value.status == 200
    points.nth(must[2]).locator("summary").tap()
    with page.expect_response(lambda response: response.request.method == "POST"):
        points.nth(must[2]).locator("textarea").fill(REMARK)
        points.nth(must[2]).locator("textarea").blur()
    expect(page.locator("#saved")).to_contain_text("Saved")
    applicable = len(must) - 1
    aired = Decimal(applicable - 2) + Decimal("0.5")
    walk.fidelity = f"{int(100 * aired / applicable)} %"
    picture(page, "journey_maps")
    page.get_by_role("button", name="Finish").tap()
    expect(page.get_by_text("Delivery fidelity").first).to_be_visible()
    assert walk.fidelity in flat(page.inner_text("main"))


CHOICES = ("Aired", "Partly", "Not aired", "Not applicable")


def hold_day_two(walk: Walk) -> None:
    """Everybody comes and stays to the end."""
    walk.at(15, 8, 50)
    with walk.somebody(phone=True) as page:
        sign_in(page, TRAINER)
        page.goto(walk.pages["day 2"])
        page.get_by_role("button", name="Sign in all").tap()
        page.get_by_role("button", name="Sign them in now").tap()
        expect(page.get_by_text("120 people recorded.")).to_be_visible()
        walk.at(15, 16, 40)
        page.reload()
        page.get_by_role("button", name="All stayed").tap()
        page.locator("#all_out button.main").tap()
        expect(page.get_by_text("120 people recorded.")).to_be_visible()


# --- the supervisor ---------------------------------------------------------------------------------------------


def prepare_call_one(page: Page, walk: Walk) -> None:
    """From the page after sign-in to the brief; saved as typed, then shared."""
    page.goto("/")
    page.get_by_role("link", name="Mail me a code").click()
    sign_in_by_code(page, walk, SUPERVISOR)
    picture(page, "journey_supervisor_home")
    page.get_by_role("link", name=re.compile("Prepare|Call 1")).first.click()
    with page.expect_response(lambda response: response.request.method == "POST") as saved:
        page.get_by_label("A situation from your team").fill(SITUATION)
    assert saved.value.status == 200
    expect(page.locator("[data-saved]")).to_contain_text(
        re.compile(r"Saved (\d|noon|midnight).*only you can see it")
    )
    page.get_by_role("button", name="Share with Jan").click()
    expect(page.get_by_text("Shared. You can change it until the call begins.")).to_be_visible()
    expect(page.get_by_label("A situation from your team")).to_have_value(SITUATION)
    picture(page, "journey_prepared")


def heartbeat_reminds_only_who_has_not_answered(walk: Walk) -> None:
    before = len(walk.sink.recipients)
    tasks.heartbeat()
    reminded = walk.sink.recipients[before:]
    assert sorted(reminded) == sorted({row["email"] for row in roster()} - set(walk.answers))


# --- figures and report -----------------------------------------------------------------------------------------


def close_the_wave(page: Page, walk: Walk) -> dict[str, str]:
    """Close it for good; the page's figures by name, after they have been found to be the right ones."""
    page.goto(walk.pages["wave"])
    page.get_by_role("button", name="Close it now").click()
    page.get_by_role("button", name="Close for good").click()
    expect(page.get_by_text("The wave is closed. These are its figures, for good.")).to_be_visible()
    picture(page, "journey_figures")
    facts = page.locator("dl.facts > div")
    figures = {
        flat(one.locator("dt").inner_text()): flat(one.locator("dd").inner_text()) for one in facts.all()
    }
    assert figures["Answered every statement"].startswith("24 of 120 invited")
    assert "response rate 20 %" in figures["Answered every statement"]
    for code, name in SCALES.items():
        assert figures[name].startswith(f"{mean(scores(walk.answers, code))} ")
    table = flat(page.locator("table.cards").first.inner_text())
    assert team_row("Intake", "14 10–14 71–100 %", walk) in table
    assert team_row("Crisis Response", "21 10–19 48–90 %", walk) in table
    withheld = page.locator("details", has_text="6 teams: withheld to protect privacy")
    expect(withheld).to_contain_text("Family Preservation")
    assert "Family Preservation" not in table
    return figures


def download_the_report(page: Page, walk: Walk) -> str:
    """Ask for it, let the queue make it, take it away; its text."""
    page.goto("/agencies/clearwater/documents/")
    page.get_by_role("button", name="Make today’s rollout report").click()
    expect(page.get_by_role("heading", name="It is being made")).to_be_visible()
    tasks.make_documents()
    assert Document.objects.get().state == Document.State.READY
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the PDF").click()
    assert download.value.suggested_filename == "clearwater-rollout-report-2027-01-27.pdf"
    page.goto("/agencies/clearwater/")
    picture(page, "journey_overview")
    with open(download.value.path(), "rb") as file:
        return flat(" ".join(part.extract_text() for part in PdfReader(io.BytesIO(file.read())).pages))


def the_report_says_the_same(text: str, figures: dict[str, str], walk: Walk) -> None:
    """Means, intervals, n, response rate, levels, a team's row, hours and fidelity."""
    assert "24 of 120 invited answered every statement, response rate 20 %" in text
    for code, name in SCALES.items():
        values = scores(walk.answers, code)
        interval = re.search(r"95 % interval (\S+–\S+?)\. ", figures[name])
        assert interval is not None
        assert f"{name} ({code}) {mean(values)} {interval[1]} {levels(values)}" in text
    assert team_row("Intake", "14 10–14 71–100 %", walk) in text
    assert team_row("Crisis Response", "21 10–19 48–90 %", walk) in text
    assert "Family Preservation withheld to protect privacy" in text
    assert "111 of 120 people on the roster today have all their hours" in text
    assert walk.fidelity in text
    assert "0 of 10 calls have been held" in text


# --- what must not be there -------------------------------------------------------------------------------------


def nothing_is_stored_in_clear(walk: Walk, folder: Any, log: str) -> None:
    """No answer and no score in the database, its file, the product's files, its mail or its log; no link's token."""
    places = everything_stored(folder)
    mail = {"mail": walk.sink.text().encode() + b"".join(bytes(one) for one in walk.sink.messages)}
    needles: set[bytes] = set()
    for given in walk.answers.values():
        needles |= forms_of(
            given, dict(zip(ORDER, (score for score, _level in score_row(given)), strict=True))
        )
    elsewhere = mail | {"log": log.encode()}
    assert found_in(places | elsewhere, needles) == []
    tokens = {token.encode() for token in re.findall(r"/s/([^/\s]+)/", walk.sink.text())}
    assert len(tokens) == 120  # the reminder carries the same link as the invitation
    assert found_in(places | {"log": log.encode()}, tokens) == []
    # What people wrote for one another stands where it belongs, and nowhere else.
    words = {SITUATION.split()[1].encode(), b"marmalade"}
    tables = {name: data for name, data in places.items() if name.startswith("table")}
    assert {name for name, _word in found_in(tables, words)} == {
        "table consultation_preparation",
        "table consultation_mapsentry",
    }
    assert found_in(elsewhere, words) == []
    # The search can find: the same things planted in a place like these.
    planted = {"planted": b"x" + ",".join(map(str, walk.answers[STAFF])).encode()}
    assert len({name for name, _needle in found_in(planted, needles)}) == 1
