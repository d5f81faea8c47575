"""Settings of the test run: the real ones, on a throw-away home and with cheap password hashes."""

import atexit
import os
import shutil
import tempfile

if "ESCOLLECT_HOME" not in os.environ:
    _home = tempfile.mkdtemp(prefix="escollect-test-")
    os.environ["ESCOLLECT_HOME"] = _home
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
if os.environ.get("REDIS_URL") and os.environ.get("PYTEST_XDIST_WORKER"):
    # Each process of a parallel run has its own database: in PostgreSQL by the plugin, in Redis by number.
    _server = os.environ["REDIS_URL"].removesuffix("/").removesuffix("/0")
    os.environ["REDIS_URL"] = f"{_server}/{os.environ['PYTEST_XDIST_WORKER'].removeprefix('gw')}"
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)

from escollect.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
