"""What changes imports, releases and tombstones. Nothing else writes their tables."""

from escollect.corpus.actions.archiving import export_raw
from escollect.corpus.actions.importing import Imported, ImportRefused, import_records
from escollect.corpus.actions.releasing import (
    EXPECTED,
    ReleaseRefused,
    build_release,
    create_release,
    publish,
    sweep,
)
from escollect.corpus.actions.withdrawing import leave_tombstone

__all__ = [
    "EXPECTED",
    "ImportRefused",
    "Imported",
    "ReleaseRefused",
    "build_release",
    "create_release",
    "export_raw",
    "import_records",
    "leave_tombstone",
    "publish",
    "sweep",
]
