"""What later stages may want to know of people. Sent inside the transaction, with kwarg `participant`."""

from __future__ import annotations

from django.dispatch import Signal

participant_withdrawn = Signal()
"""The participant took everything back: receivers erase what they hold of them."""

participant_blocked = Signal()
"""Staff ended the participation: receivers end what is under way."""
