"""Addresses of waves, the survey, one's own results and wordings."""

from django.urls import path

from .views import results, survey, waves, wordings

app_name = "assessments"

wave_urls = [
    path("agencies/<slug:slug>/assessments/", waves.waves, name="waves"),
    path("agencies/<slug:slug>/assessments/new/", waves.wave_new, name="wave_new"),
    path("waves/<uuid:uuid>/", waves.wave, name="wave"),
    path("waves/<uuid:uuid>/close/", waves.wave_close, name="wave_close"),
    path("waves/<uuid:uuid>/extend/", waves.wave_extend, name="wave_extend"),
    path("waves/<uuid:uuid>/figures.csv", waves.wave_figures, name="wave_figures"),
    path("wordings/", wordings.wordings, name="wordings"),
]

survey_urls = [
    path("survey/leave/", survey.leave, name="leave"),
    path("survey/<uuid:uuid>/", survey.survey, name="survey"),
    path("survey/<uuid:uuid>/answer/", survey.survey_answer, name="survey_answer"),
    path("survey/<uuid:uuid>/result/", results.result, name="result"),
    path("survey/<uuid:uuid>/delete/", results.survey_delete, name="survey_delete"),
    path("s/", survey.survey_begin, name="survey_begin"),
    path("s/<str:token>/", survey.survey_link, name="survey_link"),
    path("me/results/", results.my_results, name="my_results"),
    path("me/results/results.<str:kind>", results.my_results_export, name="my_results_export"),
    path("me/confirm/", results.confirm, name="confirm"),
]

urlpatterns = [*wave_urls, *survey_urls]
