"""Words for what the code knows only by a name."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.roles import Role

ROLE_WORDS: dict[str, Promise] = {
    Role.RECEPTION: _("Reception clerk"),
    Role.CONSULTANT: _("Consultant"),
    Role.PHONE_AGENT: _("Phone and online agent"),
    Role.DEPARTMENT_DESK: _("Department desk clerk"),
    Role.DOCTOR: _("Doctor"),
    Role.NURSE: _("Nurse"),
    Role.CUSTOMER_SERVICE: _("Customer service agent"),
    Role.DESK_SUPERVISOR: _("Desk supervisor"),
    Role.CONSULTING_SUPERVISOR: _("Consulting supervisor"),
    Role.SERVICE_SUPERVISOR: _("Service supervisor"),
    Role.ASSISTANT: _("Assistant"),
    Role.LABORATORY: _("Laboratory"),
    Role.FILE_ROOM: _("File and photo room"),
    Role.MANAGER: _("Manager"),
    Role.AUDITOR: _("Auditor"),
}
