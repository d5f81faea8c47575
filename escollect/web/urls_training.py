from __future__ import annotations

from django.urls import URLPattern, path

from escollect.web import training

urlpatterns: list[URLPattern] = [
    path("", training.index, name="training"),
    path("exam/", training.exam, name="training-exam"),
    path("<slug:slug>/", training.module, name="training-module"),
    path("<slug:slug>/answers/", training.answers, name="training-answers"),
]
