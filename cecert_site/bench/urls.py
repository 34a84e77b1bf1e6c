"""Addresses of the floor; never included by the product's."""

from django.urls import path

from . import floor

urlpatterns = [
    path("page/", floor.page),
    path("form/", floor.form),
    path("form/result/", floor.result),
]
