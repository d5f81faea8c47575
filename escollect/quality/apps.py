from django.apps import AppConfig
from django.db.models.signals import post_migrate


class QualityConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escollect.quality"
    verbose_name = "Quality"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from escollect.infra import health  # noqa: PLC0415
        from escollect.quality import receivers  # noqa: F401, PLC0415
        from escollect.quality.actions import load_policies  # noqa: PLC0415
        from escollect.quality.selectors import find_imbalance  # noqa: PLC0415

        health.register("verdicts", find_imbalance)
        post_migrate.connect(load_policies, sender=self, dispatch_uid="quality.load_policies")
