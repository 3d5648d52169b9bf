"""What imports do not show: where tables point, and whether each has a name for people."""

import pytest
from django.db import models

from tests.architecture.rooms import ROOMS, own_models


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_left(model: type[models.Model]) -> None:
    room = ROOMS.index(model._meta.app_label)
    for field in model._meta.get_fields():
        if field.is_relation and not field.auto_created and field.related_model is not None:
            target = field.related_model._meta.app_label
            assert target not in ROOMS[room + 1 :], f"{model.__name__}.{field.name} points right, to {target}"


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_table_has_a_name_for_people(model: type[models.Model]) -> None:
    if model._meta.auto_created:
        return
    stated = model._meta.original_attrs
    assert "verbose_name" in stated and "verbose_name_plural" in stated, "say what it is called, in one and in many"


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_times_and_dates_are_named_as_such(model: type[models.Model]) -> None:
    allowed = {"at", "day", "held_until", "active_from", "active_until", "last_login"}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.DateTimeField):
            assert field.name in allowed or field.name.endswith("_at"), f"{field.name} is a time: end it in _at"
        elif isinstance(field, models.DateField):
            assert field.name in allowed or field.name.endswith("_on"), f"{field.name} is a date: end it in _on"
