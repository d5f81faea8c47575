from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escollect.accounts"
    verbose_name = "Staff logins"

    def ready(self) -> None:
        # Models can be imported only once the apps are loaded.
        from escollect.accounts.actions import ensure_roles  # noqa: PLC0415

        post_migrate.connect(ensure_roles, sender=self, dispatch_uid="accounts.ensure_roles")
