"""What later stages may want to know; sent inside the transaction, so a receiver may roll it back."""

from django.dispatch import Signal

training_failed = Signal()
"""The last attempt that the study allows was failed. Sent with `participant`."""
