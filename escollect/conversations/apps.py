from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escollect.conversations"
    verbose_name = "Conversations"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from escollect.conversations import receivers  # noqa: F401, PLC0415
