"""The skills library: whole, in plain words, without promises, and linked from where its domains come up."""

import re

import pytest
from django.utils.translation import override

from rollout import library
from rollout.starter import DOMAINS

from .world import furnish_both

SKILLS = [skill for domain in library.DOMAINS for skill in domain.skills]
PROMISES = re.compile(
    r"\b(will (feel|reduce|help|improve|prevent|protect)|helps?|improves?|reduces?|prevents?|protects?|heals?|"
    r"cures?|proven|effective|leads? to|results? in|lowers?|treats?|boosts?|works)\b",
    re.IGNORECASE,
)
NO_PROMISE = {
    "Self-care after work is the cure.",  # a belief, and corrected
    "what it reduces",
}


def texts():
    """Every text of the library with where it stands."""
    for domain in library.DOMAINS:
        yield domain.code, str(domain.idea)
        yield domain.code, str(domain.about)
        for skill in domain.skills:
            where = f"{domain.code}/{skill.code}"
            for text in (skill.name, skill.what, skill.when, *skill.steps, *skill.examples, skill.not_this):
                yield where, str(text)
    for belief in library.BELIEFS:
        yield "beliefs", str(belief.myth)
        yield "beliefs", str(belief.holds)


def test_every_skill_says_what_when_how_and_what_it_is_not():
    assert [len(domain.skills) for domain in library.DOMAINS] == [4, 6, 3, 3, 12]
    assert len(library.BELIEFS) == 6
    for skill in SKILLS:
        assert 3 <= len(skill.steps) <= 5, skill.code
        assert all(str(text).strip() for text in (skill.name, skill.what, skill.when, skill.not_this)), (
            skill.code
        )
    assert all(domain.code in DOMAINS for domain in library.DOMAINS)
    for domain in library.DOMAINS:
        codes = [skill.code for skill in domain.skills]
        assert len(codes) == len(set(codes))


def test_nothing_is_promised():
    with override("en"):
        found = [(where, text) for where, text in texts() if PROMISES.search(text) and text not in NO_PROMISE]
    assert found == []


def test_texts_stay_short_enough_to_be_read():
    assert [(where, len(text)) for where, text in texts() if len(text) > 320] == []
    assert [(skill.code, str(step)) for skill in SKILLS for step in skill.steps if len(str(step)) > 110] == []


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["staff", "leader", "nobody"])
def test_everybody_who_is_signed_in_reads_all_of_it(cast, as_, who):
    browser = as_(getattr(cast, who))
    front = browser.get("/skills/").text
    assert all(f"/skills/{domain.slug}/" in front for domain in library.DOMAINS)
    assert "no study of outcomes has been published" in front
    for domain in library.DOMAINS:
        page = browser.get(f"/skills/{domain.slug}/").text
        assert all(f'id="{skill.code}"' in page for skill in domain.skills)
    assert browser.get("/skills/no-such-domain/").status_code == 404
    assert browser.get("/skills/premise/").status_code == 404


@pytest.mark.django_db
def test_a_call_and_a_module_lead_to_the_page_of_their_domain(cast, as_):
    ours, _theirs = furnish_both(cast)
    call = ours.series.calls.get(number=4)
    assert call.domain == "reducing_rumination"
    assert 'href="/skills/reducing-rumination/"' in as_(cast.supervisor).get(f"/calls/{call.uuid}/").text
    type(call).objects.filter(pk=call.pk).update(domain="premise")
    assert 'href="/skills/premise' not in as_(cast.supervisor).get(f"/calls/{call.uuid}/").text
    session = as_(cast.colleague).get(f"/sessions/{ours.session.uuid}/").text
    assert 'href="/skills/experiential-engagement/"' in session
    assert 'href="/skills/premise' not in session
    assert library.domain_of("") is None
