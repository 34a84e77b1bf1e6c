"""Addresses of consultation."""

from django.urls import path

from .views import calls, maps, preparation, series

app_name = "consultation"

series_urls = [
    path("agencies/<slug:slug>/consultation/", series.series_list, name="series_list"),
    path("agencies/<slug:slug>/consultation/new/", series.series_new, name="series_new"),
    path("series/<uuid:uuid>/", series.series, name="series"),
    path("series/<uuid:uuid>/edit/", series.series_edit, name="series_edit"),
]

call_urls = [
    path("calls/<uuid:uuid>/", calls.call, name="call"),
    path("calls/<uuid:uuid>/edit/", calls.call_edit, name="call_edit"),
    path("calls/<uuid:uuid>/hold/", calls.call_hold, name="call_hold"),
    path("calls/<uuid:uuid>/prepare/", preparation.prepare, name="prepare"),
    path("calls/<uuid:uuid>/outcome/", preparation.call_outcome, name="call_outcome"),
    path("me/calls/", calls.my_calls, name="my_calls"),
]

maps_urls = [
    path("calls/<uuid:uuid>/maps/", maps.maps_call, name="maps_call"),
    path("sessions/<uuid:uuid>/maps/", maps.maps_session, name="maps_session"),
    path("checklists/", maps.checklists, name="checklists"),
    path("checklists/<int:pk>/", maps.checklist, name="checklist"),
]

urlpatterns = [*series_urls, *call_urls, *maps_urls]
