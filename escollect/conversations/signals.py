"""What later stages may want to know; sent inside the transaction, so a receiver may roll it back."""

from django.dispatch import Signal

conversation_finished = Signal()
"""Both surveys are in, or their time is over. Sent with `conversation`."""

conversation_erased = Signal()
"""A participant withdrew and the content is gone. Sent with `conversation`."""
