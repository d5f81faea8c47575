"""Signing in and out of the desk."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST


class SignInForm(AuthenticationForm):
    """Name and password, dressed for our fields."""

    error_messages = {
        "invalid_login": gettext_lazy(
            "This name and password do not fit together, or the login is closed. Nobody was signed in. "
            "Check both and try again; capital letters matter."
        ),
        "inactive": gettext_lazy("This login is closed. Ask an admin to open it again."),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


@method_decorator(never_cache, name="dispatch")
class SignIn(LoginView):
    """The sign-in page of staff."""

    template_name = "desk/login.html"
    authentication_form = SignInForm


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; the participant's part of it, if there is one, ends too."""
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("desk-login")
