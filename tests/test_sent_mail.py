"""The demo's Sent mail page: everything that would have gone out, and nothing of it outside the demo."""

from datetime import UTC, datetime

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

from cecert_site.sent_mail import sent_mail

pytestmark = [pytest.mark.django_db]


def write(folder, *messages):
    """Mail as the file backend writes it."""
    EmailBackend(alias="test", file_path=str(folder)).send_messages([EmailMessage(**one) for one in messages])


def mail(subject="Your code", body="The code is 123456.", to="ana@people.example", **more):
    return {"subject": subject, "body": body, "from_email": "rollout@site.example", "to": [to], **more}


def test_messages_are_read_back_whole_with_accents_and_long_lines(tmp_path):
    long = "https://site.example/s/" + "x" * 200
    write(tmp_path, mail(subject="Ümlaut – 5 €", body=f"Größe\n{long}\n"))
    [found] = sent_mail(tmp_path)
    assert (found.subject, found.to) == ("Ümlaut – 5 €", "ana@people.example")
    assert found.text == f"Größe\n{long}"


def test_the_newest_comes_first_and_several_share_a_file(tmp_path):
    dates = [f"Sat, 21 Nov 2026 1{hour}:00:00 -0700" for hour in range(3)]
    write(tmp_path, *(mail(subject=f"Mail {n}", headers={"Date": date}) for n, date in enumerate(dates)))
    found = sent_mail(tmp_path)
    assert [one.subject for one in found] == ["Mail 2", "Mail 1", "Mail 0"]
    assert found[0].at == datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
    assert len({one.id for one in found}) == 3


def test_a_time_without_a_zone_is_utc(tmp_path):
    write(tmp_path, mail(headers={"Date": "Sat, 21 Nov 2026 10:00:00 -0000"}))
    assert sent_mail(tmp_path)[0].at == datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def test_no_folder_and_half_written_files_are_no_reason_to_fail(tmp_path):
    assert sent_mail(tmp_path / "none") == []
    (tmp_path / "half.log").write_bytes(b"Subject: half\nFrom")
    (tmp_path / "empty.log").write_bytes(b"")
    assert sent_mail(tmp_path) == []


def test_at_most_so_many(tmp_path):
    write(tmp_path, *(mail(subject=str(n)) for n in range(7)))
    assert len(sent_mail(tmp_path, most=3)) == 3


def test_the_demo_shows_it_to_everybody_who_tries_it(client, settings):
    settings.DEMO = True
    write(
        settings.MAIL_DIR,
        mail(),
        mail(to="ben@people.example", body="<script>alert(1)</script> https://site.example/s/t"),
    )
    html = client.get("/sent-mail/").content.decode()
    assert "The code is 123456." in html
    assert "<script>alert" not in html
    assert '<a href="https://site.example/s/t"' in html
    only = client.get("/sent-mail/?to=ANA@").content.decode()
    assert "The code is 123456." in only
    assert "ben@people.example" not in only
    assert "No mail to “nobody@”." in client.get("/sent-mail/?to=nobody@").content.decode()


def test_outside_the_demo_the_page_does_not_exist_for_anybody(client, settings, cast, as_):
    write(settings.MAIL_DIR, mail())
    for browser in (client, as_(cast.admin), as_(cast.leader)):
        page = browser.get("/sent-mail/")
        assert page.status_code == 404
        assert "123456" not in page.content.decode()
        assert "/sent-mail/" not in browser.get("/accounts/login/", follow=True).content.decode()


def test_the_demo_links_it_from_its_banner(client, settings):
    settings.DEMO = True
    assert 'href="/sent-mail/"' in client.get("/accounts/login/").content.decode()
