"""ESCollect: collecting emotional-support conversations."""

__version__ = "0.1.0"
