"""Settings of the test run: the real ones, on a throw-away home and with cheap password hashes."""

import atexit
import os
import shutil
import tempfile

if "ESCOLLECT_HOME" not in os.environ:
    _home = tempfile.mkdtemp(prefix="escollect-test-")
    os.environ["ESCOLLECT_HOME"] = _home
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)

from escollect.config.settings import *  # noqa: E402, F403
from escollect.config.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # Threads share a file, not memory: an in-memory database fails most runs with two threads.
    DATABASES["default"]["TEST"] = {"NAME": os.environ["ESCOLLECT_HOME"] + "/test.sqlite3"}
