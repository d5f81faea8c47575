from django.apps import AppConfig


class TrainingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escollect.training"
    verbose_name = "Training"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from escollect.training import receivers  # noqa: F401, PLC0415
