import datetime

import pytest
from django.db import connection, transaction

from escollect.infra.clock import now


@pytest.mark.django_db
def test_the_clock_tells_utc_and_agrees_with_this_machine() -> None:
    before = datetime.datetime.now(datetime.UTC)
    moment = now()
    assert moment.tzinfo is datetime.UTC
    assert abs(moment - before) < datetime.timedelta(seconds=5)


@pytest.mark.django_db
def test_time_goes_on_inside_a_transaction() -> None:
    with transaction.atomic():
        first = now()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert now() > first
