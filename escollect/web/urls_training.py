from __future__ import annotations

from django.urls import URLPattern, path

from escollect.web import practice, reading, training, training_check

urlpatterns: list[URLPattern] = [
    path("", training.index, name="training"),
    path("exam/", training.exam, name="training-exam"),
    path("practice/", practice.practice, name="practice"),
    path("practice/result/", practice.result, name="practice-result"),
    path("<slug:slug>/", training.module, name="training-module"),
    path("<slug:slug>/check/", training_check.check, name="training-check"),
    path("<slug:slug>/answers/", training.answers, name="training-answers"),
    path("<slug:slug>/reading/", reading.reading, name="reading"),
]
