"""Rules of the house that the import contracts cannot express."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.apps import apps

from tests.guards.source import ROOT

ORDER = ["infra", "accounts", "audit", "studies", "people", "training", "conversations", "quality", "corpus"]
# accounts and audit stand side by side.
PLACE = {
    name: max(1, position - (name != "accounts" and position > 1)) for position, name in enumerate(ORDER)
}


def test_no_foreign_key_points_to_a_later_stage() -> None:
    wrong = []
    for label in ORDER:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                target = getattr(field, "remote_field", None) and field.related_model
                if field.auto_created or not target or isinstance(target, str):
                    continue
                later = target._meta.app_label
                if later in PLACE and PLACE[later] > PLACE[label]:
                    wrong.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert wrong == []


def test_every_stage_with_models_is_in_the_order() -> None:
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("escollect.")}
    with_models = {label for label in ours if list(apps.get_app_config(label).get_models())}
    assert with_models == set(ORDER)


FRAMEWORKS = ["django", "channels", "asgiref", "celery", "kombu", "redis", "rest_framework", "psycopg2"]


def test_the_domain_runs_without_django_installed() -> None:
    script = (
        "import importlib, pkgutil, sys\n"
        f"sys.modules.update(dict.fromkeys({FRAMEWORKS}))\n"
        "sys.modules['escollect.config'] = None\n"
        "import escollect\n"
        "path = [escollect.__path__[0] + '/domain']\n"
        "names = [m.name for m in pkgutil.walk_packages(path, 'escollect.domain.')]\n"
        "for name in names: importlib.import_module(name)\n"
        "print(len(names))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "9 kept, 0 broken" in done.stdout
