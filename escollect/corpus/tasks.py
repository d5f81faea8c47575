from uuid import UUID

from celery import shared_task

from escollect.corpus import actions


@shared_task(name="escollect.corpus.tasks.build_release")
def build_release(release_id: str) -> None:
    """Freeze and build a queued release."""
    actions.build_release(UUID(release_id))
