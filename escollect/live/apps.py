from django.apps import AppConfig

from escollect.infra.draining import before_shutdown
from escollect.live.registry import drain


class LiveConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escollect.live"
    verbose_name = "Live sockets"

    def ready(self) -> None:
        """A restart says goodbye to every socket."""
        before_shutdown(drain)
