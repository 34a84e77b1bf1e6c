"""The floor: the least that a signed-in page and a form of 30 questions cost on this stack, written plainly.

No form objects, no partials, no navigation, no access rules beyond the sign-in, no encryption, no audit.
"""

from typing import ClassVar

from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from rollout.models import Person

ITEMS, PER_PAGE = 30, 5
CHOICES = (("1", "Never"), ("2", "Rarely"), ("3", "Sometimes"), ("4", "Often"), ("5", "Very often"))


class Response(models.Model):
    """Somebody's answers in clear; the table is made by the bench in its own database."""

    user_id = models.BigIntegerField(unique=True)
    answers = models.JSONField(default=dict)
    scores = models.JSONField(null=True)

    objects: ClassVar[models.Manager["Response"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return f"response {self.pk}"


@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Session, account, one query, about 10 kB of HTML."""
    people = Person.objects.order_by("last_name", "first_name")[:25]
    return render(request, "floor/page.html", {"people": people})


@login_required
def form(request: HttpRequest) -> HttpResponse:
    """30 questions on one page, or with ``?page=1`` … ``6`` five at a time."""
    number = int(request.GET.get("page", "0"))
    if request.method == "POST":
        return take(request, number)
    first, last = ((number - 1) * PER_PAGE + 1, number * PER_PAGE) if number else (1, ITEMS)
    items = [(f"q{n}", f"{n}. Something that happens at work") for n in range(first, last + 1)]
    return render(request, "floor/form.html", {"items": items, "choices": CHOICES})


def take(request: HttpRequest, number: int) -> HttpResponse:
    """Check and keep what was posted; after the last page, score it."""
    given = {name: int(value) for name, value in request.POST.dict().items() if name[0] == "q"}
    if not all(1 <= value <= len(CHOICES) for value in given.values()):
        return HttpResponse("Choose one of the five.", status=422)
    row = Response.objects.filter(user_id=request.user.pk).first() or Response(user_id=request.user.pk)
    row.answers |= given
    if len(row.answers) == ITEMS:
        values = [row.answers[f"q{n}"] for n in range(1, ITEMS + 1)]
        row.scores = [sum(values[start::3]) for start in range(3)]
    row.save()
    if row.scores:
        return redirect("/form/result/")
    return redirect(f"/form/?page={number + 1}")


@login_required
def result(request: HttpRequest) -> HttpResponse:
    """The three sums."""
    row = get_object_or_404(Response, user_id=request.user.pk)
    return render(request, "floor/result.html", {"scores": row.scores})
