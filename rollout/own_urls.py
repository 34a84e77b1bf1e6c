"""Addresses of what is one's own in any agency or none: skills library, practice plan, self-ratings."""

from django.urls import path

from .views import practice, rating, sharing, skills

urlpatterns = [
    path("skills/", skills.skills, name="skills"),
    path("skills/<slug:slug>/", skills.skills_domain, name="skills_domain"),
    path("practice/", practice.practice, name="practice"),
    path("practice/print/", practice.practice_print, name="practice_print"),
    path("practice/pdf/", practice.practice_pdf, name="practice_pdf"),
    path("practice/clear/", practice.practice_clear, name="practice_clear"),
    path("practice/share/", sharing.practice_share, name="practice_share"),
    path("practice/share/<int:pk>/withdraw/", sharing.practice_withdraw, name="practice_withdraw"),
    path("practice/shared/", sharing.practice_shared, name="practice_shared"),
    path("practice/shared/<int:pk>/", sharing.practice_shared_plan, name="practice_shared_plan"),
    path("practice/shared/<int:pk>/accept/", sharing.practice_accept, name="practice_accept"),
    path("practice/leave/", sharing.practice_leave, name="practice_leave"),
    path("practice/rating/", rating.rating, name="rating"),
    path("practice/rating/delete/", rating.rating_delete, name="rating_delete"),
]
