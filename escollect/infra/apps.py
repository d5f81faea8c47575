from django.apps import AppConfig

from escollect.infra import uuids


class InfraConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escollect.infra"
    verbose_name = "Infrastructure"

    def ready(self) -> None:
        """Read and write PostgreSQL's UUIDs our way."""
        uuids.register()
