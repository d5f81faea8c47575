from django.apps import AppConfig


class OpsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escollect.ops"
    verbose_name = "Operations"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from escollect.ops import checks  # noqa: PLC0415

        checks.register()
