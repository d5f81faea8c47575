from uuid import UUID

from celery import shared_task

from escollect.quality import actions


@shared_task(name="escollect.quality.tasks.judge_conversation")
def judge_conversation(conversation_id: str) -> None:
    """Judge what is owed to one conversation."""
    actions.work_jobs(UUID(conversation_id))


@shared_task(name="escollect.quality.tasks.judge_backlog")
def judge_backlog() -> None:
    """Judge in batches until nothing is left that nobody holds."""
    while actions.work_jobs():
        pass


@shared_task(name="escollect.quality.tasks.run_simulation")
def run_simulation(simulation_id: str) -> None:
    """Say what a policy would change."""
    actions.run_simulation(UUID(simulation_id))
