"""Simulations as jobs: a row says what is asked, how far it is and what came out; a worker is only nudged."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from escollect.accounts.models import User
from escollect.domain.quality.reading import read_policy
from escollect.infra import jobs
from escollect.infra.clock import now
from escollect.quality.actions.simulating import BATCH, Change, Comparison, look
from escollect.quality.models import Policy, SimulatedChange, Simulation
from escollect.quality.selectors import get_ids, get_population, get_rival
from escollect.studies.models import Study

logger = logging.getLogger(__name__)

SIMULATE = "escollect.quality.tasks.run_simulation"
ATTEMPTS = 3
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)
OPEN = (Simulation.State.QUEUED, Simulation.State.RUNNING)
LOST = "The worker was lost three times. Nothing was changed; start the simulation again."


def start_simulation(
    definition: Mapping[str, Any],
    study: Study,
    by: User | None,
    *,
    source: str = "",
    version: Policy | None = None,
) -> Simulation:
    """Ask for a simulation of this definition (of a stored `version`, where it is one) over a study.

    `source` is the name of an imported file: only its conversations are looked at. Raises PolicyError for
    a definition with mistakes, PolicyUnknown for a study without a version.
    """
    rules = read_policy({"version": 1, **definition})
    simulation = Simulation(
        study=study,
        source=source,
        definition=dict(definition),
        version=version,
        against=get_rival(rules.name, rules.kind, study),
        total=get_population(study, source).count(),
        created_by=by,
    )
    with transaction.atomic():
        simulation.save()
        jobs.nudge(SIMULATE, str(simulation.pk))
    return simulation


def run_simulation(simulation_id: UUID) -> bool:
    """Run a simulation that nobody else runs; False when there is nothing to do.

    Progress is committed with the changes of every batch. A worker that is lost leaves a lease that ends;
    the next one starts from the beginning, the third loss ends it.
    """
    simulation = _claim(simulation_id)
    if simulation is None:
        return False
    if simulation.attempts > ATTEMPTS:
        return _end(simulation, Simulation.State.FAILED, error=LOST)
    try:
        found = _compare(simulation)
    except Exception as error:
        logger.exception("simulation %s failed", simulation.pk)
        return _end(simulation, Simulation.State.FAILED, error=f"{type(error).__name__}: {error}"[:500])
    if found is None:
        return False
    return _end(simulation, Simulation.State.READY, result=found.as_json())


def _claim(simulation_id: UUID) -> Simulation | None:
    moment = now()
    with transaction.atomic():
        free = Q(lease_until=None) | Q(lease_until__lt=moment)
        mine = Simulation.objects.filter(free, pk=simulation_id, state__in=OPEN).update(
            state=Simulation.State.RUNNING, lease_until=moment + LEASE, attempts=F("attempts") + 1, done=0
        )
        if not mine:
            return None
        SimulatedChange.objects.filter(simulation=simulation_id).delete()
    return Simulation.objects.select_related("study", "against").get(pk=simulation_id)


def _compare(simulation: Simulation) -> Comparison | None:
    """The whole comparison; None when another worker has taken over meanwhile."""
    policy = read_policy({"version": 1, **simulation.definition})
    found = Comparison()
    for ids in get_ids(get_population(simulation.study, simulation.source), BATCH):
        changes = [found.add(seen) for seen in look(policy, simulation.against, ids)]
        with transaction.atomic():
            if not _mine(simulation).update(done=found.conversations, lease_until=now() + LEASE):
                return None
            _store(simulation, [change for change in changes if change is not None])
    return found


def _store(simulation: Simulation, changes: Sequence[Change]) -> None:
    SimulatedChange.objects.bulk_create(
        [
            SimulatedChange(
                simulation=simulation,
                conversation_id=change.conversation,
                old=change.old or "",
                new=change.new,
                failed=change.failed,
                flipped=change.flipped,
                decided=change.decided,
            )
            for change in changes
        ]
    )


def _mine(simulation: Simulation) -> Any:
    """The row while this worker has it: the number of the attempt is the fence."""
    return Simulation.objects.filter(
        pk=simulation.pk, state=Simulation.State.RUNNING, attempts=simulation.attempts
    )


def _end(
    simulation: Simulation,
    state: Simulation.State,
    *,
    result: Mapping[str, Any] | None = None,
    error: str = "",
) -> bool:
    ended = _mine(simulation).update(
        state=state, result=dict(result or {}), error=error, lease_until=None, finished_at=now()
    )
    return bool(ended)


def sweep_simulations() -> int:
    """Nudge for simulations that nobody runs, and forget those of a month ago; returns how many were lost."""
    moment = now()
    free = Q(lease_until=None) | Q(lease_until__lt=moment)
    lost = list(Simulation.objects.filter(free, state__in=OPEN).values_list("pk", flat=True))
    for simulation_id in lost:
        jobs.nudge(SIMULATE, str(simulation_id))
    Simulation.objects.filter(created_at__lt=moment - KEPT).exclude(state__in=OPEN).delete()
    return len(lost)
