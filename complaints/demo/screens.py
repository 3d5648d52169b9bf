"""Where consultants and doctors receive, so that the screens in the waiting room name a room."""

from collections.abc import Mapping, Sequence

from clinic.models import Staff
from clinic.roles import Role

ROOMS = {Role.CONSULTANT: "号咨询室", Role.DOCTOR: "号治疗室"}


def tell_screens(by_role: Mapping[Role, Sequence[Staff]]) -> None:
    """Give each of them a room of her own, in the order of their login names."""
    for role, word in ROOMS.items():
        for number, person in enumerate(sorted(by_role.get(role, ()), key=lambda one: one.login_name), start=1):
            person.room = f"{number}{word}"
            person.save(update_fields=["room"])
