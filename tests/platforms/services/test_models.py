import pytest


@pytest.mark.django_db
def test_tables_are_there():
    from madang.platforms.services.models import Job

    assert Job.objects.count() == 0
