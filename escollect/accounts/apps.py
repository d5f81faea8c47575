from django.apps import AppConfig


class AccountsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escollect.accounts"
    verbose_name = "Staff logins"
