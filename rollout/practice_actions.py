"""Writes about one's own practice plan: what it says, and who may read it.

The audit keeps that a plan was begun, cleared, shared or closed again: no word of it, and no reader's name. Single
saves while typing leave no row there, because one a second says nothing.
"""

from collections.abc import Mapping
from datetime import datetime

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError, Q, Value
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext as _

from .audit import record
from .models import Person, PlanShare, PracticeEntry, PracticePlan, SelfRating, Team, User
from .practice import LONGEST, PROMPTS, Texts, clean, entries_of
from .refusals import Changed, Refused

MOST_READERS = 10
"""More than a supervisor and a handful of partners is no circle of trust; it also bounds what one page lists."""


def plan_of(user: User) -> PracticePlan | None:
    return PracticePlan.objects.editable_by(user).first()


@transaction.atomic
def save_plan(user: User, texts: Texts, versions: Mapping[str, int], *, at: datetime) -> PracticePlan | None:
    """Keep what its owner typed; None while there is nothing to keep.

    A prompt that ``texts`` does not name stays as it is. ``versions`` are those the form was shown with, by prompt
    (0: none yet). The same words twice are no change. Changed, with nothing written, when another window saved
    something else under one of the prompts meanwhile.
    """
    values = {code: clean(texts[code]) for code in PROMPTS if code in texts}
    if any(len(text) > LONGEST for text in values.values()):
        raise Refused(
            _("A text is longer than %(most)d characters. Shorten it: a few lines are enough.")
            % {"most": LONGEST}
        )
    plan = plan_of(user)
    kept = entries_of(plan)
    changed = [code for code, text in values.items() if text != (kept[code].text if code in kept else "")]
    if not changed:
        return plan
    if any(versions.get(code, 0) != (kept[code].version if code in kept else 0) for code in changed):
        raise Changed
    if plan is None:
        plan = _begin(user, at)
    for code in changed:
        _write(plan, code, values[code], versions.get(code, 0), at)
    return plan


def _begin(user: User, at: datetime) -> PracticePlan:
    plan, is_new = PracticePlan.objects.get_or_create(user=user, defaults={"started_at": at})
    if is_new:
        record("began practice plan", plan, by=user, at=at)
    return plan


def _write(plan: PracticePlan, code: str, text: str, version: int, at: datetime) -> None:
    """One prompt; Changed when somebody was faster."""
    if version:
        same = PracticeEntry.objects.filter(plan=plan, prompt=code, version=version)
        if not same.update(text=text, saved_at=at, version=F("version") + 1):
            raise Changed
        return
    try:
        with transaction.atomic():
            PracticeEntry.objects.create(plan=plan, prompt=code, text=text, saved_at=at)
    except IntegrityError as error:
        raise Changed from error


@transaction.atomic
def clear_plan(user: User, *, at: datetime) -> None:
    """Throw the plan away, with all its sharing: who may read one plan has no leave to read the next."""
    if plan := plan_of(user):
        record("cleared practice plan", plan, by=user, at=at)
        plan.delete()


# --- Who reads it ---------------------------------------------------------------------------------------------


def supervisors_of(user: User) -> list[User]:
    """Who supervises somebody's team today, and can sign in. Nobody supervises themselves."""
    teams = Team.objects.filter(people__user=user, people__left_on=None)
    people = Person.objects.current().filter(supervises__in=teams, user__is_active=True).exclude(user=user)
    return list(User.objects.filter(people__in=people).distinct().order_by("name", "pk"))


def own_agencies(user: User) -> list[int]:
    """Keys of the agencies on whose rosters somebody stands today."""
    return list(Person.objects.current().filter(user=user).values_list("agency", flat=True))


@transaction.atomic
def share_with_supervisor(user: User, reader: User | None, *, at: datetime) -> PlanShare:
    """Open one's plan to somebody who supervises one's team today."""
    if reader is None or reader not in supervisors_of(user):
        raise Refused(_("Nobody with that role supervises your team at the moment."))
    return _share(user, reader, PlanShare.Kind.SUPERVISOR, at)


@transaction.atomic
def share_with_partner(user: User, words: str, *, at: datetime) -> PlanShare:
    """Open one's plan to a colleague, by exact name or e-mail; without an agency, ask the owner of an address.

    Who belongs to no agency never learns whether an address has an account: the request waits under the address until
    the account that has it, now or later, accepts.
    """
    words = " ".join(words.split())
    if not words:
        raise Refused(_("Enter an e-mail address."))
    if agencies := own_agencies(user):
        return _share(user, _colleague(user, words, agencies), PlanShare.Kind.PARTNER, at)
    return _ask(user, words.lower(), at)


def _colleague(user: User, words: str, agencies: list[int]) -> User:
    """The one colleague with exactly this name or address."""
    named = Person.objects.current().annotate(
        whole=Lower(Concat("first_name", Value(" "), "last_name")), address=Lower("user__email")
    )
    people = named.filter(agency__in=agencies, user__is_active=True).filter(
        Q(whole=words.lower()) | Q(address=words.lower()) | Q(email__iexact=words)
    )
    found = User.objects.filter(people__in=people).distinct()
    match list(found[:2]):
        case []:
            raise Refused(
                _(
                    "Nobody in your agency has exactly this name or e-mail. Check the spelling with your colleague."
                )
            )
        case [one]:
            if one == user:
                raise Refused(_("That is you. Choose somebody else."))
            return one
        case _:
            raise Refused(
                _("Several people in your agency have this name. Enter the e-mail address instead.")
            )


def _share(user: User, reader: User, kind: PlanShare.Kind, at: datetime) -> PlanShare:
    plan = _plan_to_share(user)
    end_lapsed(plan, at=at)  # what no longer opens anything must not stand in the way of a new decision
    if plan.shares.filter(reader=reader, withdrawn_at=None).exists():
        raise Refused(_("%(name)s can read your plan already.") % {"name": reader})
    share = PlanShare.objects.create(plan=plan, reader=reader, kind=kind, shared_at=at)
    record("shared practice plan", plan, by=user, at=at, after={"kind": kind.value})
    return share


def _ask(user: User, address: str, at: datetime) -> PlanShare:
    """Let a request wait under an address. The answer is the same whether it has an account or not."""
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(_("Enter a whole e-mail address, like sam@mail.example.")) from error
    if address == user.email.lower():
        raise Refused(_("That is you. Choose somebody else."))
    plan = _plan_to_share(user)
    if plan.shares.filter(address=address, withdrawn_at=None).exists():
        raise Refused(_("This address stands on your list already."))
    share = PlanShare.objects.create(plan=plan, address=address, kind=PlanShare.Kind.PARTNER, shared_at=at)
    record("asked a partner to read practice plan", plan, by=user, at=at)
    return share


def _plan_to_share(user: User) -> PracticePlan:
    plan = PracticePlan.objects.select_for_update().filter(user=user).first()
    if plan is None:
        raise Refused(_("There is nothing to share yet. One sentence is enough."))
    if plan.shares.filter(withdrawn_at=None).count() >= MOST_READERS:
        raise Refused(
            _("At most %(most)d people can read a plan. Withdraw one first.") % {"most": MOST_READERS}
        )
    return plan


@transaction.atomic
def accept(share: PlanShare, *, by: User, at: datetime) -> None:
    """The account with the address agrees to read; from now on its owner sees who it is."""
    plan = share.plan
    if plan.shares.filter(reader=by, withdrawn_at=None).exists():
        raise Refused(_("You can read this plan already."))
    if PlanShare.objects.asked_of(by).filter(pk=share.pk).update(reader=by):
        record("accepted to read practice plan", plan, by=by, at=at)


@transaction.atomic
def withdraw(share: PlanShare, *, by: User, at: datetime) -> None:
    """End it, at once: its owner takes leave back, or its reader no longer wants it."""
    if PlanShare.objects.filter(pk=share.pk, withdrawn_at=None).update(withdrawn_at=at):
        record("closed practice plan", share.plan, by=by, at=at, after={"kind": share.kind})


def end_lapsed(plan: PracticePlan | None = None, *, at: datetime) -> int:
    """Write down what has lapsed, so that it does not open again when a former supervisor comes back. How many."""
    shares = PlanShare.objects.lapsed()
    if plan is not None:
        shares = shares.filter(plan=plan)
    return PlanShare.objects.filter(pk__in=list(shares.values_list("pk", flat=True))).update(withdrawn_at=at)


# --- Leaving ----------------------------------------------------------------------------------------------------


def may_delete_account(user: User) -> bool:
    """Who came by themselves and has no agency: nobody else could be asked to do it."""
    from .access import roles_of

    return user.signed_up_at is not None and not roles_of(user)


@transaction.atomic
def delete_account(user: User, *, at: datetime) -> None:
    """Delete the account with plan, sharing and self-ratings. What an agency's roster holds of them stays there.

    Whoever once stood on a roster leaves an empty account behind, which nobody can sign in to: without any, the roster
    could give their old entry, and with it what they answered and prepared, to another address.
    """
    if not may_delete_account(user):
        raise Refused(_("Your account belongs to your agency’s roster. Ask your program leader."))
    record("deleted own account", user, by=None, at=at)
    if user.people.exists():
        _empty(user)
        return
    try:
        with transaction.atomic():
            user.delete()
    except ProtectedError as error:
        raise Refused(
            _(
                "Records of an agency name you as their author, so this account stays. Ask whoever runs this server."
            )
        ) from error


def _empty(user: User) -> None:
    """Everything of theirs is gone but the row; its address is one to which no mail goes."""
    PracticePlan.objects.filter(user=user).delete()
    PlanShare.objects.filter(reader=user).delete()
    SelfRating.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    user.email, user.name, user.is_active = f"{user.pk}@deleted.invalid", "", False
    user.set_unusable_password()
    user.save(update_fields=["email", "name", "is_active", "password"])
