"""The departments and projects an aesthetic hospital begins with; each hospital changes them afterwards."""

from typing import NamedTuple

from django.db import transaction

from clinic.models import Branch, Department, Project

Kind = Department.Kind


class StartingProject(NamedTuple):
    """One project: rank 1 is the most major."""

    code: str
    name: str
    name_en: str
    kind: Department.Kind
    rank: int


DEPARTMENTS: dict[Department.Kind, tuple[str, str]] = {
    Kind.RECEPTION: ("前厅", "Reception"),
    Kind.CONSULTING: ("咨询部", "Consulting"),
    Kind.SURGERY: ("整形外科", "Plastic surgery"),
    Kind.LASER: ("激光美肤科", "Laser and skin"),
    Kind.NON_INVASIVE: ("微创注射科", "Injections"),
    Kind.CUSTOMER_SERVICE: ("客服部", "Customer service"),
    Kind.PHONE: ("网电部", "Phone and online"),
    Kind.MANAGEMENT: ("院办", "Hospital office"),
}

PROJECTS: tuple[StartingProject, ...] = (
    StartingProject("breast-augmentation", "隆胸", "Breast augmentation", Kind.SURGERY, 1),
    StartingProject("facial-contouring", "面部轮廓整形", "Facial bone contouring", Kind.SURGERY, 2),
    StartingProject("breast-reduction", "巨乳缩小", "Breast reduction", Kind.SURGERY, 3),
    StartingProject("abdominoplasty", "腹壁整形", "Abdominoplasty", Kind.SURGERY, 4),
    StartingProject("liposuction", "吸脂塑形", "Liposuction", Kind.SURGERY, 5),
    StartingProject("facelift", "拉皮除皱", "Face lift", Kind.SURGERY, 6),
    StartingProject("rhinoplasty", "鼻综合", "Rhinoplasty", Kind.SURGERY, 7),
    StartingProject("fat-grafting", "自体脂肪填充", "Fat grafting", Kind.SURGERY, 8),
    StartingProject("chin-implant", "假体隆颏", "Chin implant", Kind.SURGERY, 9),
    StartingProject("double-eyelid", "双眼皮", "Double eyelid", Kind.SURGERY, 10),
    StartingProject("epicanthoplasty", "开眼角", "Epicanthoplasty", Kind.SURGERY, 11),
    StartingProject("eye-bags", "祛眼袋", "Lower eyelid bags", Kind.SURGERY, 12),
    StartingProject("lip-reshaping", "唇部整形", "Lip reshaping", Kind.SURGERY, 13),
    StartingProject("hair-transplant", "毛发移植", "Hair transplant", Kind.SURGERY, 14),
    StartingProject("scar-revision", "瘢痕修复", "Scar revision", Kind.SURGERY, 15),
    StartingProject("mole-excision", "切痣", "Mole excision", Kind.SURGERY, 16),
    StartingProject("thread-lift", "埋线提升", "Thread lift", Kind.NON_INVASIVE, 20),
    StartingProject("hyaluronic-filler", "玻尿酸填充", "Hyaluronic acid filler", Kind.NON_INVASIVE, 21),
    StartingProject("collagen-stimulator", "再生材料注射", "Collagen stimulator", Kind.NON_INVASIVE, 22),
    StartingProject("botulinum-face", "肉毒除皱", "Botulinum toxin, wrinkles", Kind.NON_INVASIVE, 23),
    StartingProject("botulinum-calf", "瘦腿针", "Botulinum toxin, calves", Kind.NON_INVASIVE, 24),
    StartingProject("skin-booster", "水光针", "Skin booster", Kind.NON_INVASIVE, 25),
    StartingProject("ultrasound-lift", "超声提拉", "Focused ultrasound lift", Kind.LASER, 30),
    StartingProject("radiofrequency", "射频紧肤", "Radiofrequency tightening", Kind.LASER, 31),
    StartingProject("fractional-laser", "点阵激光", "Fractional laser", Kind.LASER, 32),
    StartingProject("picosecond-laser", "皮秒祛斑", "Picosecond laser", Kind.LASER, 33),
    StartingProject("intense-light", "光子嫩肤", "Intense pulsed light", Kind.LASER, 34),
    StartingProject("hair-removal", "激光脱毛", "Laser hair removal", Kind.LASER, 35),
    StartingProject("chemical-peel", "果酸换肤", "Chemical peel", Kind.LASER, 36),
    StartingProject("acne-care", "痘肌管理", "Acne care", Kind.LASER, 37),
)


@transaction.atomic
def install_catalogue(branch: Branch) -> list[Project]:
    """Give a branch the departments and projects it lacks; return all its projects, most major first.

    A code belongs to one branch: a second branch gets its own with the branch's code behind.
    """
    departments = {department.kind: department for department in Department.objects.filter(branch=branch)}
    for kind, (name, name_en) in DEPARTMENTS.items():
        if kind not in departments:
            departments[kind] = Department.objects.create(
                branch=branch, code=kind.value.replace("_", "-"), kind=kind, name=name, name_en=name_en
            )
    taken = dict(Project.objects.values_list("code", "department__branch_id"))
    Project.objects.bulk_create(
        Project(code=code, name=start.name, name_en=start.name_en, department=departments[start.kind], rank=start.rank)
        for start in PROJECTS
        if (code := _free_code(start.code, branch, taken))
    )
    return list(Project.objects.filter(department__branch=branch).select_related("department"))


def _free_code(code: str, branch: Branch, taken: dict[str, int]) -> str:
    """Return the code this project gets at this branch, empty when the branch has it already."""
    for candidate in (code, f"{code}-{branch.code}"[:40]):
        if candidate not in taken:
            return candidate
        if taken[candidate] == branch.pk:
            return ""
    return ""
