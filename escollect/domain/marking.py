"""Marks a sentence for translation where Django's gettext may not be imported.

`makemessages` collects what `gettext_noop` wraps; the doors translate it when they show it.
"""


def gettext_noop(message: str) -> str:
    """Return the sentence unchanged."""
    return message
