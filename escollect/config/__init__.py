"""The outermost layer; importing it makes our Celery application the one that tasks belong to."""

from escollect.config.celery import app as celery_app

__all__ = ["celery_app"]
