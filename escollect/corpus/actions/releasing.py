"""Releases: frozen once, built into a folder that is there as a whole or not at all."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError, transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.corpus.building import BuildFailed, get_files, write_release
from escollect.corpus.models import Release, ReleaseItem
from escollect.corpus.selectors import Selection, get_funnel_json, get_release_folder, select
from escollect.corpus.writing import (
    STALE_SECONDS,
    TargetTaken,
    check_target,
    copy_folder,
    get_age,
    new_folder,
    remove_folder,
)
from escollect.infra import jobs
from escollect.infra.clock import now
from escollect.quality.actions import judge_missing
from escollect.quality.models import Flag, Review
from escollect.quality.selectors import PolicyUnknown, get_study_policies
from escollect.studies.models import Study

logger = logging.getLogger(__name__)

BUILD = "escollect.corpus.tasks.build_release"
BATCH = 1000
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

State = Release.State
Progress = Callable[[str], None]


class ReleaseRefused(ValueError):
    """The release cannot be made; the message says why and what to do."""


EXPECTED = (ReleaseRefused, BuildFailed, TargetTaken, PolicyUnknown)
"""What can be wrong with a release and is said in a sentence; anything else is a fault of ours."""


def create_release(study: Study, version: str = "", by: User | None = None, licence: str = "") -> Release:
    """Make the row of a new release, queued; a worker freezes and builds it (`build_release`).

    Without `version` it gets the next number. `licence` restricts it to conversations under that licence.
    Raises ReleaseRefused: a version that exists, a bad name, a study without a version.
    """
    return _make_row(study, version, by, licence, State.QUEUED)


def _make_row(study: Study, version: str, by: User | None, licence: str, state: State) -> Release:
    if study.current is None:
        raise ReleaseRefused(f"The study {study.slug} has no version yet. Open it first.")
    name = version or _next_version(study)
    if not _VERSION.fullmatch(name):
        raise ReleaseRefused(f"{name!r} is no version. Use letters, digits, dots and dashes, at most 40.")
    try:
        with transaction.atomic():
            release = Release.objects.create(
                study=study,
                study_version=study.current,
                version=name,
                state=state,
                licence=licence,
                created_by=by,
            )
            record(
                "release.created",
                actor=get_actor(by),
                obj=release,
                new={"study": study.slug, "version": name},
            )
            if state == State.QUEUED:
                jobs.nudge(BUILD, str(release.pk))
    except IntegrityError as error:
        raise ReleaseRefused(
            f"The study {study.slug} has a release {name} already. Choose another version."
        ) from error
    return release


def _next_version(study: Study) -> str:
    taken = Release.objects.filter(study=study).values_list("version", flat=True)
    return str(1 + max((int(one) for one in taken if one.isdecimal()), default=0))


def build_release(release_id: UUID) -> None:
    """Build a queued release into the folder of releases; its state tells how it went.

    Whoever sets it from queued to building builds it; anybody else returns at once. A failure is stored in
    the row with its reason and leaves no files.
    """
    if not _claim(release_id, State.QUEUED):
        return
    release = Release.objects.select_related("study__current", "study_version").get(pk=release_id)
    try:
        _build_first(release)
    except EXPECTED:
        logger.warning("release %s was not built", release, exc_info=True)


def publish(
    study: Study, out: Path, version: str = "", licence: str = "", progress: Progress | None = None
) -> Release:
    """Make a release in this process, in the folder of releases, and write it to `out`.

    A version that exists is built again from its frozen list and must come out the same. Without `version`
    the newest release is, when a new one would hold the same. `out` must be missing or empty. Raises one of
    EXPECTED; then `out` is not written.
    """
    check_target(out)
    say = progress or _silent
    if version:
        release = Release.objects.filter(study=study, version=version).first()
    else:
        release = _find_same(study, licence, say)
    if release is None:
        release = _make_row(study, version, None, licence, State.BUILDING)
    elif release.state != State.READY and not _claim(release.pk, State.QUEUED, State.FAILED):
        raise ReleaseRefused(f"Release {version} is being built at this moment. Try again when it is done.")
    if release.state == State.READY:
        _build(release, out, say)
    else:
        _build_first(release, say)
        copy_folder(get_release_folder(release), out)
    return release


def _silent(_line: str) -> None:
    """Tell nobody."""


def _claim(release_id: UUID, *states: str) -> bool:
    """Set a release from one of the states to building; False when somebody else was first."""
    waiting = Release.objects.filter(pk=release_id, state__in=states)
    return waiting.update(state=State.BUILDING, error="") == 1


def _build_first(release: Release, say: Progress = _silent) -> None:
    """Freeze and build a claimed release where its files are looked for; a failure is noted in its row."""
    target = get_release_folder(release)
    try:
        # What a build left that was killed after its folder appeared.
        remove_folder(target)
        _build(release, target, say)
    except BaseException as error:
        expected = isinstance(error, EXPECTED)
        reason = str(error) if expected else f"{type(error).__name__}: {error}"
        Release.objects.filter(pk=release.pk, state=State.BUILDING).update(state=State.FAILED, error=reason)
        raise


def _freeze_once(release: Release, say: Progress) -> None:
    """Judge what lacks a verdict, and fix the list of conversations, unless that was done before."""
    if release.counts:
        return
    policies, selection = _choose(release.study, release.licence, say)
    licence = _one_licence(selection, release.licence or release.study.licence)
    with transaction.atomic():
        position = {part.value: 0 for part in ReleaseItem.Part}
        items = []
        for conversation_id, part in selection.items:
            position[part] += 1
            items.append(
                ReleaseItem(
                    release=release, conversation_id=conversation_id, part=part, position=position[part]
                )
            )
        ReleaseItem.objects.bulk_create(items, batch_size=BATCH)
        release.licence = licence
        release.policies = policies
        release.counts = _counts(release, selection)
        release.save(update_fields=["licence", "policies", "counts"])


def _choose(study: Study, licence: str, say: Progress) -> tuple[list[dict[str, object]], Selection]:
    """The policies that judge the study, and what a release would hold once all is judged."""
    policies = get_study_policies(study)
    for policy in policies:
        say(f"judging with {policy}")
        judge_missing(study, policy, lambda done: say(f"judged {done}"))
    say("choosing conversations")
    described: list[dict[str, object]] = [
        {
            "id": policy.pk,
            "name": policy.name,
            "version": policy.version,
            "kind": policy.kind,
            "definition": policy.definition,
        }
        for policy in policies
    ]
    return described, select(study, licence, lambda done: say(f"looked at {done}"))


def _find_same(study: Study, licence: str, say: Progress) -> Release | None:
    """The newest release, if it is ready and a new one would hold exactly what it holds."""
    newest = (
        Release.objects.filter(study=study).select_related("study_version").order_by("-created_at").first()
    )
    if newest is None or newest.state != State.READY or newest.study_version != study.current:
        return None
    policies, selection = _choose(study, licence, say)
    frozen = dict(newest.items.values_list("conversation_id", "part"))
    reviewed = Review.objects.filter(conversation__in=frozen, at__gt=newest.created_at)
    same = (
        frozen == dict(selection.items)
        and newest.policies == policies
        and newest.counts == _counts(newest, selection)
        and not reviewed.exists()
    )
    return newest if same else None


def _one_licence(selection: Selection, default: str) -> str:
    """The licence of all of the selection. Raises ReleaseRefused when there are several."""
    if len(selection.licences) > 1:
        listed = ", ".join(f"{name} ({count})" for name, count in sorted(selection.licences.items()))
        raise ReleaseRefused(
            f"The conversations are under different licences: {listed}. A release has one; choose it with "
            "--licence, and the others are left out."
        )
    return next(iter(selection.licences), default)


def _counts(release: Release, selection: Selection) -> dict[str, object]:
    accepted = selection.count(ReleaseItem.Part.ACCEPTED)
    funnel = [
        {**step, "count": accepted} if step["step"] == "released" else step
        for step in get_funnel_json(release.study)
    ]
    flags = Flag.objects.filter(closed_at=None, conversation__released_in__release=release)
    return {
        "accepted": accepted,
        "negative": selection.count(ReleaseItem.Part.NEGATIVE),
        "left_out": dict(sorted(selection.left_out.items())),
        "open_flags": flags.values("conversation").distinct().count(),
        "funnel": funnel,
    }


def _build(release: Release, target: Path, say: Progress) -> None:
    """Write the folder and note the result; a release that was ready must come out as it was.

    The draft is touched with every step: `sweep` takes a draft that is not for a builder that is gone.
    """
    with new_folder(target) as folder:

        def step(line: str) -> None:
            folder.touch()
            say(line)

        _freeze_once(release, step)
        sha256 = write_release(release, folder, lambda done: step(f"wrote {done} conversations"))
        if release.sha256 not in {"", sha256}:
            raise BuildFailed(
                f"Release {release.version} was published with other content: something in its "
                "conversations was corrected since. No files were left. Make a new version."
            )
        files = get_files(folder)
    release.state, release.sha256, release.files, release.error = State.READY, sha256, files, ""
    release.ready_at = release.ready_at or now()
    release.save(update_fields=["state", "sha256", "files", "error", "ready_at"])
    record("release.built", actor="system", obj=release, new={"sha256": sha256})


def sweep() -> int:
    """Nudge for releases that wait, and put back those whose builder is gone; returns how many there are.

    A builder writes to its folder all the time; one that did not for two minutes is gone.
    """
    for release in Release.objects.filter(state=State.BUILDING).select_related("study"):
        age = get_age(get_release_folder(release))
        started = (now() - release.created_at).total_seconds()
        if (started if age is None else age) > STALE_SECONDS:
            Release.objects.filter(pk=release.pk, state=State.BUILDING).update(state=State.QUEUED)
    waiting = list(Release.objects.filter(state=State.QUEUED).values_list("pk", flat=True))
    for release_id in waiting:
        jobs.nudge(BUILD, str(release_id))
    return len(waiting)
