"""Records, plans and quotations of the last days: what a consultant writes down while a visitor is with her."""

from datetime import datetime, timedelta
from decimal import Decimal

from clinic.roles import Role
from complaints.demo.story import Story
from consultations import services
from consultations.models import Consultation, DiscountRequest
from consultations.services import Planned
from reception.models import VisitProject

WISHES = (
    "想要自然一点，别人看不出来。",
    "重点想改善侧面轮廓。",
    "下个月拍婚纱照之前恢复好。",
    "朋友做过，觉得效果好。",
)
HISTORY = ("否认手术史，青霉素过敏。", "三年前在外院做过同类项目，恢复顺利。", "无特殊，月经规律，未孕。", "")
ASSESSMENT = ("皮肤偏薄，弹性尚可，适合先做单侧设计。", "基础条件好，建议分两次完成。", "需医生面诊后再定材料。")
PLANNED = ("按面诊设计，术前拍照存档。", "首次单次体验，满意后转疗程。", "联合方案，间隔四周。")
RISKS = "肿胀、淤青一到两周；个别可能不对称、感染，需二次调整。"
ALTERNATIVES = "也可以选择恢复期更短的非手术方式，效果保持时间短一些。"
TOLD = 14
COURSE = {"laser": 3, "non_invasive": 2}


def tell_plans(story: Story, now: datetime) -> int:
    """Write records and plans for the latest consultations; return how many.

    The first asks for a price below her limit and waits, the second was allowed one, the third was not.
    """
    supervisor = story.hospital.one(Role.CONSULTING_SUPERVISOR)
    latest = (
        Consultation.objects.filter(state__in=["in_room", "finished"])
        .select_related("consultant", "branch")
        .order_by("-state", "-offered_at")[:TOLD]
    )
    for place, one in enumerate(latest):
        entered = one.entered_at or one.offered_at
        at = min(now, entered + timedelta(minutes=6))
        typed = {
            "wishes": WISHES[place % len(WISHES)],
            "history": HISTORY[place % len(HISTORY)],
            "assessment": ASSESSMENT[place % len(ASSESSMENT)],
        }
        services.write_record(
            consultation=one, typed=typed, seen=dict.fromkeys(typed, ""), staff=one.consultant, now=at
        )
        wished = VisitProject.objects.filter(visit=one.visit_id).select_related("project__department")
        projects = [wish.project for wish in wished] or [story.hospital.projects[0]]
        for number, project in enumerate(projects[:2]):
            sessions = COURSE.get(project.department.kind, 1)
            listed = Decimal(project.list_price or 0) * sessions
            percent = {0: 85, 1: 82, 2: 80}.get(place, 95) if number == 0 else 100
            services.add_plan_item(
                consultation=one,
                what=Planned(
                    project=project,
                    planned=PLANNED[place % len(PLANNED)],
                    sessions=sessions,
                    risks=RISKS,
                    risks_explained=True,
                    alternatives=ALTERNATIVES if number == 0 else "",
                    alternatives_explained=number == 0 and place % 2 == 0,
                    quoted=listed * percent / 100 if listed and percent < 100 else None,
                    why="老顾客，介绍过两位朋友" if percent < 90 else "",
                ),
                staff=one.consultant,
                now=at,
            )
        if place in (1, 2):
            for request in DiscountRequest.objects.filter(item__consultation=one):
                services.answer_discount(
                    request=request,
                    approve=place == 1,
                    answer="" if place == 1 else "本月同项目活动价已到 9 折",
                    staff=supervisor,
                    now=min(now, at + timedelta(minutes=3)),
                )
    return len(latest)
