"""ESCollect: collecting emotional-support conversations."""
