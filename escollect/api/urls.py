from __future__ import annotations

from django.urls import path

from escollect.api import (
    room,
    views_docs,
    views_people,
    views_quality,
    views_relabels,
    views_releases,
    views_studies,
    views_training,
)
from escollect.api.schema import SchemaView

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", views_docs.docs, name="api-docs"),
    path("studies/", views_studies.StudyList.as_view()),
    path("studies/<slug:slug>/", views_studies.StudyDetail.as_view()),
    path("studies/<slug:slug>/funnel/", views_studies.StudyFunnel.as_view()),
    path("studies/<slug:slug>/live/", views_studies.StudyLive.as_view()),
    path("studies/<slug:slug>/training/", views_training.StudyTraining.as_view()),
    path("participants/", views_people.ParticipantList.as_view()),
    path("conversations/", views_quality.ConversationList.as_view()),
    path("conversations/<uuid:pk>/", views_quality.ConversationDetail.as_view()),
    path("conversations/<uuid:pk>/review/", views_quality.ConversationReview.as_view()),
    path("verdicts/", views_quality.VerdictList.as_view()),
    path("policies/", views_quality.PolicyList.as_view()),
    path("policies/activate/", views_quality.PolicyActivation.as_view()),
    path("policies/simulate/", views_quality.PolicySimulation.as_view()),
    path("relabels/", views_relabels.RelabelList.as_view()),
    path("relabels/campaigns/", views_relabels.CampaignList.as_view()),
    path("relabels/campaigns/<uuid:pk>/", views_relabels.CampaignDetail.as_view()),
    path("relabels/<uuid:pk>/decision/", views_relabels.RelabelDecision.as_view()),
    path("releases/", views_releases.ReleaseList.as_view()),
    path("releases/<uuid:pk>/", views_releases.ReleaseDetail.as_view()),
    path("releases/<uuid:pk>/files/<path:name>", views_releases.ReleaseFile.as_view()),
    path("c/<uuid:pk>/events", room.RoomEvents.as_view()),
    path("c/<uuid:pk>/commands", room.RoomCommands.as_view()),
]
