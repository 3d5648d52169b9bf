"""Who works at the demo hospital, and how they sign in."""

from dataclasses import dataclass

from clinic.models import Department
from clinic.roles import Role

PASSWORD = "front-desk-2026"  # noqa: S105 - printed for everybody who tries the demo; the demo needs an empty database


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo: login name, name, role, and the kind of department she belongs to."""

    login_name: str
    name: str
    role: Role
    department: Department.Kind
    scope: tuple[Department.Kind, ...] = ()
    left: bool = False
    successor: str = ""


_K = Department.Kind


def _several(stem: str, role: Role, department: Department.Kind, names: str) -> list[Person]:
    return [Person(f"{stem}{n}", name, role, department) for n, name in enumerate(names.split(), start=1)]


PEOPLE: tuple[Person, ...] = (
    *_several("reception", Role.RECEPTION, _K.RECEPTION, "林小满 何佳音 苏敏"),
    Person("desk-supervisor", "周雅琴", Role.DESK_SUPERVISOR, _K.RECEPTION),
    *_several("consultant", Role.CONSULTANT, _K.CONSULTING, "王欣 李敏 陈静 周琳 吴月 赵婷婷 孙晓雯 徐佳"),
    Person("consultant9", "马丽娟", Role.CONSULTANT, _K.CONSULTING, scope=(_K.LASER, _K.NON_INVASIVE)),
    Person("consultant10", "郭燕", Role.CONSULTANT, _K.CONSULTING, scope=(_K.LASER, _K.NON_INVASIVE)),
    Person("consultant11", "单雨晴", Role.CONSULTANT, _K.CONSULTING, scope=(_K.SURGERY,)),
    Person("consultant12", "欧阳雪", Role.CONSULTANT, _K.CONSULTING),
    Person("former1", "唐莉", Role.CONSULTANT, _K.CONSULTING, left=True, successor="consultant3"),
    Person("former2", "韩梅", Role.CONSULTANT, _K.CONSULTING, left=True),
    Person("consulting-supervisor", "沈慧", Role.CONSULTING_SUPERVISOR, _K.CONSULTING),
    *_several("agent", Role.PHONE_AGENT, _K.PHONE, "谢雨 冯露 邓可"),
    *_several("doctor", Role.DOCTOR, _K.SURGERY, "梁文博 曹志远 彭海涛 曾立新"),
    Person("doctor5", "叶明哲", Role.DOCTOR, _K.LASER),
    Person("doctor6", "范晓东", Role.DOCTOR, _K.LASER),
    Person("doctor7", "姜若溪", Role.DOCTOR, _K.NON_INVASIVE),
    Person("doctor8", "陆景明", Role.DOCTOR, _K.NON_INVASIVE),
    *_several("nurse", Role.NURSE, _K.SURGERY, "蒋小云 潘静怡 田甜"),
    Person("nurse4", "余欢", Role.NURSE, _K.LASER),
    Person("nurse5", "夏宁", Role.NURSE, _K.NON_INVASIVE),
    Person("beautician1", "阮青禾", Role.BEAUTICIAN, _K.LASER),
    Person("beautician2", "尹佩", Role.BEAUTICIAN, _K.NON_INVASIVE),
    Person("surgery-desk", "石岩", Role.DEPARTMENT_DESK, _K.SURGERY),
    Person("laser-desk", "崔颖", Role.DEPARTMENT_DESK, _K.LASER),
    Person("injection-desk", "白露", Role.DEPARTMENT_DESK, _K.NON_INVASIVE),
    *_several("service", Role.CUSTOMER_SERVICE, _K.CUSTOMER_SERVICE, "方圆 汪洁 金巧玲 熊英"),
    Person("service-supervisor", "郝红梅", Role.SERVICE_SUPERVISOR, _K.CUSTOMER_SERVICE),
    Person("assistant1", "钟灵", Role.ASSISTANT, _K.CONSULTING),
    Person("laboratory1", "戴安", Role.LABORATORY, _K.SURGERY),
    Person("file-room1", "廖芳", Role.FILE_ROOM, _K.MANAGEMENT),
    Person("manager", "贺建国", Role.MANAGER, _K.MANAGEMENT),
    Person("auditor", "严明", Role.AUDITOR, _K.MANAGEMENT),
)
