"""What later stages may want to know of studies."""

from __future__ import annotations

from django.dispatch import Signal

version_opened = Signal()
"""A new version became current: kwarg `version`. Sent inside the transaction; a receiver that raises
ValueError with a sentence refuses the version.
"""
