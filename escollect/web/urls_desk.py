from __future__ import annotations

from django.urls import path

from escollect.web.desk import (
    invites,
    live,
    overview,
    participants,
    policies,
    releases,
    review,
    signing,
    studies,
    training,
)

urlpatterns = [
    path("", overview.overview, name="desk"),
    path("login/", signing.SignIn.as_view(), name="desk-login"),
    path("logout/", signing.sign_out, name="desk-logout"),
    path("live/", live.live, name="desk-live"),
    path("review/", review.queue, name="desk-review"),
    path("review/<uuid:conversation_id>/", review.conversation, name="desk-conversation"),
    path("review/<uuid:conversation_id>/flags/<int:flag_id>/close/", review.close, name="desk-flag-close"),
    path("participants/", participants.directory, name="desk-participants"),
    path("participants/invites/", invites.invites, name="desk-invites"),
    path("participants/invites/<uuid:invite_id>/revoke/", invites.revoke_invite, name="desk-invite-revoke"),
    path("participants/<uuid:participant_id>/", participants.participant, name="desk-participant"),
    path("participants/<uuid:participant_id>/block/", participants.block, name="desk-block"),
    path("participants/<uuid:participant_id>/unblock/", participants.unblock, name="desk-unblock"),
    path("participants/<uuid:participant_id>/grant/", participants.grant, name="desk-grant"),
    path("participants/<uuid:participant_id>/revoke/", participants.revoke, name="desk-revoke"),
    path("training/", training.training, name="desk-training"),
    path("policies/", policies.policies, name="desk-policies"),
    path("releases/", releases.releases, name="desk-releases"),
    path("releases/new/", releases.new_release, name="desk-release-new"),
    path("releases/<uuid:release_id>/", releases.release, name="desk-release"),
    path("releases/<uuid:release_id>/files/<str:name>", releases.release_file, name="desk-release-file"),
    path("studies/", studies.studies, name="desk-studies"),
    path("studies/open/", studies.open_page, name="desk-study-open"),
    path("studies/<slug:slug>/", studies.study, name="desk-study"),
    path("studies/<slug:slug>/state/", studies.move, name="desk-study-state"),
    path("studies/<slug:slug>/versions/<int:number>/", studies.version, name="desk-study-version"),
]
