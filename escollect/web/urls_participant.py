from __future__ import annotations

from django.urls import URLPattern, path

from escollect.web import entry, me, relabel, surveys

urlpatterns: list[URLPattern] = [
    path("", entry.home, name="home"),
    path("join/<str:token>/", entry.join, name="join"),
    path("s/<slug:slug>/", entry.study_entry, name="study-entry"),
    path("next/", entry.next_page, name="next"),
    path("consent/", entry.consent, name="consent"),
    path("resources/", entry.resources, name="resources"),
    path("survey/before/", surveys.before, name="survey-before"),
    path("survey/after/", surveys.after, name="survey-after"),
    path("done/", me.done, name="done"),
    path("me/", me.me, name="me"),
    path("me/appeal/<uuid:conversation_id>/", me.appeal, name="appeal"),
    path("me/data/", me.my_data, name="my-data"),
    path("me/withdraw/", me.withdraw_page, name="withdraw"),
    path("me/leave/", me.leave, name="leave"),
    path("relabel/", relabel.relabel, name="relabel"),
    path("relabel/begin/", relabel.begin, name="relabel-begin"),
    path("relabel/give/", relabel.give_opinion, name="relabel-give"),
    path("relabel/skip/", relabel.leave_to_others, name="relabel-skip"),
]
