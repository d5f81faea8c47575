"""The web process notes every two seconds that people are served, on a thread and a connection of its own."""

import logging
import threading

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

from escollect.conversations import actions
from escollect.infra.pulse import BEAT_SECONDS
from escollect.ops.supervise import Supervised

logger = logging.getLogger(__name__)

STOP_SECONDS = 5.0


class Pulse:
    """Notes from `start` to `stop`; while the database is away it tries again at every beat."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = Supervised("pulse", self._run, self._stop)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._beat()
                self._stop.wait(BEAT_SECONDS)
        finally:
            connections.close_all()

    def _beat(self) -> None:
        close_old_connections()
        try:
            actions.note_service()
        except DatabaseError as error:
            logger.warning("it could not be noted that people are served: %r", error)
            connections.close_all()
