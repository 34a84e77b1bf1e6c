"""Writes of waves and wordings: open, extend, close, refresh the counts that may be seen, install a wording."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from assessments import disclosure, keys, release, scoring, survey
from assessments.instruments import Instrument
from assessments.keys import KeysUnavailable
from assessments.models import Answer, Draft, Invitation, Release, Wave, WordingPack
from assessments.sealing import SealBroken, Sealed, open_sealed
from rollout.audit import record
from rollout.dates import at_local
from rollout.logs import kind_and_place
from rollout.models import Agency, Person, User
from rollout.refusals import Refused

logger = logging.getLogger(__name__)
LAST_MINUTE = time(23, 59)
submit_many = survey.submit_many


# --- opening ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opening:
    """What opening a wave now would do: for the page that asks before it happens.

    ``without_account``: people on the roster whom no mail can reach. ``wordings``: the newest by language.
    """

    invited: int
    without_account: int
    k: int
    wordings: Mapping[str, WordingPack]
    already_open: Wave | None

    @property
    def has_groups(self) -> bool:
        return self.invited >= self.k


def opening(agency: Agency, instrument: Instrument) -> Opening:
    """Look ahead; four queries."""
    invited = invitable(agency).count()
    return Opening(
        invited=invited,
        without_account=agency.people.filter(left_on=None).count() - invited,
        k=agency.k,
        wordings=newest_wordings(agency, instrument.code),
        already_open=agency.waves.filter(instrument=instrument.code, closed_at=None).first(),
    )


def invitable(agency: Agency) -> Any:
    """People on the roster today who have an account, and so an address for the invitation."""
    return Person.objects.current().filter(agency=agency, user__is_active=True)


def newest_wordings(agency: Agency, instrument: str) -> dict[str, WordingPack]:
    """The wording a new wave takes, by language: the agency's own before the one for all, the newest first."""
    packs = WordingPack.objects.usable_in(agency).filter(instrument=instrument)
    newest = sorted(packs, key=lambda pack: (pack.agency_id is not None, pack.version))
    return {pack.language: pack for pack in newest}


@transaction.atomic
def open_wave(
    agency: Agency,
    *,
    instrument: Instrument,
    label: str,
    closes_on: date,
    wording: WordingPack | None,
    by: User | None,
    at: datetime,
) -> Wave:
    """Invite everybody who has an account, in the groups they are in now; makes the wave's key.

    It takes answers until 23:59 agency time of ``closes_on``. Without a wording it is a try-out for good, except
    in the demo, which is marked as a whole. Refused with the reason; KeysUnavailable when no key can be made.
    """
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    people = list(invitable(agency).select_related("team"))
    _may_open(agency, instrument, wording, closes_on, people, at)
    wave = Wave.objects.create(
        agency=agency,
        instrument=instrument.code,
        instrument_version=instrument.version,
        label=Wave.Label(label),
        opened_at=at,
        opened_by=by,
        closes_at=at_local(closes_on, LAST_MINUTE, agency.zone),
        wording_pack=wording,
        is_tryout=wording is None and not settings.DEMO,
        k=agency.k,
        groups=_tree_of(agency, people),
    )
    Invitation.objects.bulk_create(
        Invitation(wave=wave, person=one, group_path=[str(one.team.uuid)] if one.team else [])
        for one in people
    )
    wave.answered_shown = _counts_to_show(wave, Counter(), at)
    wave.save(update_fields=["answered_shown"])
    _record_opening(wave, by, at)
    _key_store().ensure_wave_key(agency.uuid, wave.uuid)
    return wave


def _record_opening(wave: Wave, by: User | None, at: datetime) -> None:
    after: dict[str, Any] = {
        "label": wave.label,
        "instrument": wave.instrument,
        "closes_at": wave.closes_at.isoformat(),
    }
    after |= {
        "k": wave.k,
        "invited": wave.invited,
        "try_out": wave.is_tryout,
        "wording": str(wave.wording_pack or ""),
    }
    record("opened", wave, by=by, at=at, agency=wave.agency, after=after)


def _key_store() -> keys.KeyStore:
    """The key files; made by the first wave of all, and never anew beside answers sealed under lost ones."""
    store = keys.from_settings()
    if not store.exists() and (Answer.objects.exists() or Draft.objects.exists()):
        raise keys.KeysUnavailable(
            _(
                "Answers of earlier surveys are here, but both key files are gone. Restore them from their backup first."
            )
        )
    return store


def _may_open(
    agency: Agency,
    instrument: Instrument,
    wording: WordingPack | None,
    closes_on: date,
    people: Sequence[Person],
    at: datetime,
) -> None:
    if agency.k < release.MIN_K:
        raise Refused(_("The smallest group shown must be %(k)d people or more.") % {"k": release.MIN_K})
    if closes_on <= at.astimezone(agency.zone).date():
        raise Refused(_("Choose a closing date after today."))
    if not people:
        raise Refused(
            _("Nobody can be invited: no one on the roster has an e-mail address. Add them under People.")
        )
    if agency.waves.filter(instrument=instrument.code, closed_at=None).exists():
        raise Refused(
            _("A wave of %(name)s is open already. Close it first.") % {"name": instrument.short_name}
        )
    fits = wording is None or (
        wording.instrument == instrument.code and wording.agency_id in (None, agency.pk)
    )
    if not fits:
        raise Refused(_("This wording belongs to another instrument or agency."))


def _tree_of(agency: Agency, people: Sequence[Person]) -> dict[str, Any]:
    """The groups as they are now: agency → teams, with the number invited in each."""
    sizes = Counter(one.team for one in people if one.team)
    teams = sorted(sizes, key=lambda team: (team.name.lower(), team.pk))
    return {
        "name": agency.name,
        "invited": len(people),
        "teams": [{"key": str(team.uuid), "name": team.name, "invited": sizes[team]} for team in teams],
    }


@transaction.atomic
def extend_wave(wave: Wave, *, closes_on: date, by: User, at: datetime) -> Wave:
    """Keep an open wave open for longer; never for less."""
    wave = Wave.objects.select_for_update(of=("self",), no_key=True).select_related("agency").get(pk=wave.pk)
    zone = wave.agency.zone
    if not wave.takes_answers(at):
        raise Refused(_("This wave is closed. Its figures stand, and no answers can be added."))
    before = wave.closes_at.astimezone(zone).date()
    if closes_on <= before:
        raise Refused(
            _("Choose a date after %(on)s: a wave can be extended, not shortened.")
            % {"on": date_format(before)}
        )
    wave.closes_at = at_local(closes_on, LAST_MINUTE, zone)
    wave.save(update_fields=["closes_at"])
    old, new = {"closes_on": str(before)}, {"closes_on": str(closes_on)}
    record("extended", wave, by=by, at=at, agency=wave.agency, before=old, after=new)
    return wave


# --- while it is open -------------------------------------------------------------------------------------------


def refresh_answered_counts(now: datetime) -> int:
    """Work out the counts leaders may see, at most once a day in the agency's zone; how many waves changed.

    Not live on purpose: a count that moves with each person tells who answered just now.
    """
    changed = 0
    for wave in Wave.objects.open_at(now).select_related("agency"):
        if wave.answered_shown.get("on") == str(now.astimezone(wave.agency.zone).date()):
            continue
        answered = Counter(
            path[0] if path else ""
            for path in wave.invitations.filter(completed=True).values_list("group_path", flat=True)
        )
        shown = _counts_to_show(wave, answered, now)
        changed += Wave.objects.filter(pk=wave.pk, closed_at=None).update(answered_shown=shown)
    return changed


def _counts_to_show(wave: Wave, answered: Mapping[str, int], now: datetime) -> dict[str, Any]:
    """Counts of units with k invited, each from k answers on, and none that a subtraction would undo."""
    invited = {team["key"]: int(team["invited"]) for team in wave.group_list}
    listed = _safe({key: n for key, n in invited.items() if n >= wave.k}, wave.invited, wave.k)
    total = sum(answered.values())
    shown = _safe({key: answered[key] for key in listed if answered.get(key, 0) >= wave.k}, total, wave.k)
    return {
        "on": str(now.astimezone(wave.agency.zone).date()),
        "agency": total if total >= wave.k else None,
        "teams": {key: shown.get(key) for key in listed},
    }


def _safe(shown: dict[str, int], total: int, k: int) -> dict[str, int]:
    """Drop the smallest until what is left over of the total is nobody or at least k."""
    kept = dict(sorted(shown.items(), key=lambda item: (-item[1], item[0])))
    while kept and 0 < total - sum(kept.values()) < k:
        kept.popitem()
    return kept


# --- closing ----------------------------------------------------------------------------------------------------


def close_due(now: datetime) -> int:
    """Close every wave whose last minute has passed; how many. One that cannot be closed leaves the others alone."""
    closed = 0
    for wave in Wave.objects.filter(closed_at=None, closes_at__lte=now).select_related("agency"):
        try:
            close_wave(wave, by=None, at=now)
            closed += 1
        except KeysUnavailable as error:
            logger.error("wave %s was not closed: %s", wave.uuid, error)
        except Refused:
            logger.info("wave %s was closed by somebody else meanwhile", wave.uuid)
        except Exception as error:
            logger.error("wave %s was not closed: %s", wave.uuid, kind_and_place(error))
    return closed


@sensitive_variables()
@transaction.atomic
def close_wave(wave: Wave, *, by: User | None, at: datetime) -> Release:
    """End a wave for good: its figures are computed once and frozen, its drafts are gone and its links dead.

    Refused when it is closed; KeysUnavailable when the answers cannot be opened: nothing is closed then.
    """
    # Without the key: a row being added by whoever is sending refers to this one, and would wait in a circle.
    wave = Wave.objects.select_for_update(of=("self",), no_key=True).select_related("agency").get(pk=wave.pk)
    if wave.closed_at:
        raise Refused(_("This wave is closed already."))
    # Whoever is sending holds their invitation: wait for them, and let nobody send once the answers are read.
    list(wave.invitations.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    respondents, left_out = _respondents(wave)
    published = _published(wave, respondents)
    frozen = Release.objects.create(wave=wave, released_at=at, k=wave.k, figures=release.to_rows(published))
    wave.closed_at = at
    wave.answered_shown = {}
    wave.save(update_fields=["closed_at", "answered_shown"])
    Draft.objects.filter(wave=wave).delete()
    wave.invitations.update(browser_hash=None)
    after = {"closed_at": at.isoformat()} | ({"rows_that_did_not_open": left_out} if left_out else {})
    record("closed", wave, by=by, at=at, agency=wave.agency, after=after)
    return frozen


@sensitive_variables()
def _respondents(wave: Wave) -> tuple[list[release.Respondent], int]:
    """All answers of a wave, opened, and how many rows did not open (altered or moved: they do not count)."""
    key = keys.from_settings().wave_key(wave.agency.uuid, wave.uuid)
    instrument, found, left_out = wave.definition, [], 0
    for row in Answer.objects.filter(wave=wave).order_by("lookup"):
        sealed = Sealed(bytes(row.lookup), row.key_id, bytes(row.nonce), bytes(row.ciphertext))
        try:
            content = open_sealed(
                sealed, key=key, agency=wave.agency.uuid, instrument=wave.instrument, wave=wave.uuid
            )
        except SealBroken:
            logger.error("an answer of wave %s did not open and does not count", wave.uuid)
            left_out += 1
            continue
        levels = {
            code: None if value is None else str(scoring.level(instrument, int(value)))
            for code, value in content.scores.items()
        }
        found.append(release.Respondent(content.path, content.scores, levels))
    return found, left_out


@sensitive_variables()
def _published(wave: Wave, respondents: Sequence[release.Respondent]) -> release.Release:
    """The figures that may be seen; everything withheld if the check before publishing finds anything."""
    teams = tuple(release.Group(team["key"], team["name"], team["invited"]) for team in wave.group_list)
    tree = release.Group(str(wave.agency.uuid), wave.groups["name"], wave.invited, teams)
    levels = [str(level) for level in scoring.Level]
    scales = {scale.code: levels for scale in wave.definition.scales}
    published = release.release(tree, respondents, scales=scales, k=wave.k)
    try:
        disclosure.audit(published, respondents, k=wave.k)
    except disclosure.UnsafeRelease as error:
        logger.error("the figures of wave %s are withheld: %s", wave.uuid, error)
        return release.release(tree, (), scales=scales, k=wave.k)
    return published


def delete_leftover_drafts() -> int:
    """Drafts saved in the moment in which their wave closed."""
    deleted, _by_model = Draft.objects.filter(~Q(wave__closed_at=None)).delete()
    return deleted


# --- wordings ---------------------------------------------------------------------------------------------------


@transaction.atomic
def install_wording(
    instrument: Instrument,
    statements: Mapping[int, str],
    *,
    language: str,
    agency: Agency | None,
    by: User | None,
    at: datetime,
) -> WordingPack:
    """Keep the statements as the newest wording of a language; waves already open keep theirs.

    ``agency`` None: for every agency. Refused unless there is exactly one statement for each item.
    """
    numbers = [item.number for item in instrument.items]
    if sorted(statements) != numbers or not all(text.strip() for text in statements.values()):
        raise Refused(
            _("%(name)s needs exactly the statements 1 to %(n)d.")
            % {"name": instrument.short_name, "n": len(numbers)}
        )
    same = WordingPack.objects.select_for_update().filter(
        instrument=instrument.code, language=language, agency=agency
    )
    pack = WordingPack.objects.create(
        instrument=instrument.code,
        language=language,
        agency=agency,
        version=max((pack.version for pack in same), default=0) + 1,
        statements={str(number): statements[number].strip() for number in numbers},
        installed_by=by,
        installed_at=at,
    )
    # The statements themselves are somebody's copyright: they stand in the pack and nowhere else.
    after = {"instrument": pack.instrument, "language": language, "version": pack.version}
    record("installed wording", pack, by=by, at=at, agency=agency, after=after)
    return pack
