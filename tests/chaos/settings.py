"""Settings of the processes that the fault suite breaks: the real ones, and the failpoints."""

from escollect.config.settings import *  # noqa: F403
from escollect.config.settings import CHANNEL_LAYERS, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.failpoints.Failpoints"]
CHANNEL_LAYERS = {
    "default": {**CHANNEL_LAYERS["default"], "BACKEND": "tests.chaos.failpoints.DyingLayer"},
}
