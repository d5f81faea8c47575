"""Signing in and out of the desk."""

from __future__ import annotations

from math import ceil

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from escollect.accounts.backends import get_pause


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

    def get_invalid_login_error(self) -> ValidationError:
        """Why nobody was signed in: the name or the password, or too many wrong tries before."""
        pause = get_pause(self.request, self.cleaned_data.get("username", ""))
        if not pause:
            return super().get_invalid_login_error()
        text = gettext_lazy(
            "There were too many wrong passwords for this name. Nobody was signed in, and no password is "
            "looked at now. Try again in %(seconds)d seconds."
        )
        return ValidationError(text, code="too_many", params={"seconds": ceil(pause)})


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
