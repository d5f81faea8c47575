from django.apps import AppConfig


class CorpusConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escollect.corpus"
    verbose_name = "Corpus"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from escollect.corpus import receivers  # noqa: F401, PLC0415
