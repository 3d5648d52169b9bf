"""What a column of the file may hold, and the guess which one it is by the words of its header. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reception.names import fold


class Field(StrEnum):
    """What of a visitor a column holds."""

    NAME = "name"
    PHONE = "phone"
    GENDER = "gender"
    BIRTH_ON = "birth_on"
    FILE_NUMBER = "file_number"
    HEARD_FROM = "heard_from"
    NOTES = "medical_notes"
    OWNER = "owner"
    STANDING = "standing"
    FIRST_VISIT_ON = "first_visit_on"
    LAST_VISIT_ON = "last_visit_on"
    PROJECT = "project"
    CONSULTANT = "consultant"
    VISITS = "visits"


FIELD_WORDS: Mapping[Field, Promise] = {
    Field.NAME: _("Name"),
    Field.PHONE: _("Phone"),
    Field.GENDER: _("Gender"),
    Field.BIRTH_ON: _("Birth date"),
    Field.FILE_NUMBER: _("File number"),
    Field.HEARD_FROM: _("How they heard of us"),
    Field.NOTES: _("Health and allergies, notes"),
    Field.OWNER: _("Owner"),
    Field.STANDING: _("Standing"),
    Field.FIRST_VISIT_ON: _("First visit"),
    Field.LAST_VISIT_ON: _("Last visit"),
    Field.PROJECT: _("Projects of the last visit"),
    Field.CONSULTANT: _("Consultant of the last visit"),
    Field.VISITS: _("Earlier visits, all in one cell"),
}
# Several columns may be notes: each becomes a line that begins with the column's name.
SEVERAL = frozenset({Field.NOTES})

# Header words, folded; those of an earlier field win where a header holds words of two.
_WORDS: Mapping[Field, tuple[str, ...]] = {
    Field.FILE_NUMBER: (
        "档案号",
        "病历号",
        "客户编号",
        "顾客编号",
        "会员号",
        "卡号",
        "编号",
        "fileno",
        "filenumber",
        "file",
    ),
    Field.FIRST_VISIT_ON: ("首次到院", "初次到院", "首诊", "建档日期", "登记日期", "firstvisit"),
    Field.LAST_VISIT_ON: ("最近到院", "末次到院", "最后到院", "上次到院", "lastvisit"),
    Field.VISITS: ("到院记录", "历史到院", "就诊记录", "消费记录", "visits", "history"),
    Field.STANDING: ("成交状态", "消费状态", "客户状态", "状态", "成交", "standing", "status"),
    Field.CONSULTANT: ("接诊", "面诊", "接待咨询师", "receivedby"),
    Field.OWNER: ("归属", "咨询师", "顾问", "所属", "owner", "consultant"),
    Field.PROJECT: ("项目", "project", "treatment"),
    Field.PHONE: ("手机", "电话", "联系方式", "phone", "mobile", "tel"),
    Field.GENDER: ("性别", "gender", "sex"),
    Field.BIRTH_ON: ("出生日期", "出生", "生日", "birth", "birthday", "dob"),
    Field.HEARD_FROM: ("来源", "渠道", "source", "channel"),
    Field.NOTES: ("备注", "过敏", "病史", "notes", "note", "allerg", "remark", "年龄", "age"),
    Field.NAME: ("姓名", "客户名称", "顾客", "客户", "name"),
}


def guess(header: Iterable[str], remembered: Mapping[str, str]) -> list[str]:
    """Return for each column the field it likely holds, empty for none.

    `remembered` is how somebody matched the same names before (folded name → field). Otherwise each field but the
    notes goes to one column: first where the header is its word, then where the header holds it.
    """
    folded = [fold(name) for name in header]
    if remembered:
        return [remembered.get(name, "") for name in folded]
    found = [""] * len(folded)
    for whole in (True, False):
        for field, words in _WORDS.items():
            for place, name in enumerate(folded):
                taken = field in found and field not in SEVERAL
                fits = name in words if whole else any(word in name for word in words)
                if name and not found[place] and not taken and fits:
                    found[place] = field
    return found


def headers_key(header: Iterable[str]) -> str:
    """Return what names a set of column names, whatever their order: under it their matching is remembered."""
    return hashlib.sha256(json.dumps(sorted({fold(name) for name in header})).encode()).hexdigest()
