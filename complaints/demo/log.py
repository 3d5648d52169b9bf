"""Four weeks of the desk's log, its rounds, and the files of those who came again. All invented."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from clinic.models import Staff
from clinic.roles import Role
from complaints.demo.past import DAYS_PLAYED
from complaints.demo.story import PHONE_PREFIXES, Story
from reception.log_words import entry_keys
from reception.models import (
    FileRequest,
    FileStep,
    LogEntry,
    LogOpen,
    LogStep,
    RoundItem,
    RoundList,
    RoundTick,
    Visit,
)
from reception.services import BRINGS_FILE

_Kind, _What, _File = LogEntry.Kind, LogStep.What, FileRequest.State

CALLERS = ("周女士", "李先生", "王女士", "陈小姐", "赵女士", "林女士", "何先生", "罗女士", "宋小姐", "许女士")
CALLS = (
    "想改约下周三下午，请回电",
    "问上次的术后药膏还要不要继续用",
    "问热玛吉的活动价到什么时候",
    "朋友推荐来的，想先电话咨询双眼皮",
    "说明天复查可能晚到半小时",
    "开发票的抬头要改成公司名称",
    "问拆线当天能不能开车",
    "请把面诊方案发到微信",
)
ANSWERS = ("已回电，改到周三 14:30", "已微信回复", "已说明，按医嘱继续用一周", "已转医生，今天下班前回电", "已回电")
OTHER_CALLS = ("问地址和停车", "问营业时间", "打错电话", "推销办公用品，已婉拒")
SENDERS = ("省医疗器械公司", "联合利华公关部", "银行对账单", "市卫生监督所", "爱尔化妆品", "京东自营", "家人", "税务局")
CARRIERS = ("顺丰", "中通", "京东", "邮政 EMS", "韵达")
OUTGOING = ("省医疗器械公司", "市卫生监督所", "顾客佟女士", "总部财务", "外院病理科")
POSITIONS = ("应聘咨询师，留了简历", "应聘前台，约周五面试", "应聘手术室护士，转人事", "应聘保洁，已留电话")
VISITING = ("设备维保工程师，三楼激光室", "物业抄水表", "保险公司业务员，未预约", "消防检查，已陪同", "快修打印机")
TAXIS = ("送顾客去高铁东站", "接术后顾客回家", "送样本到外院")
MEALS = ("为术后顾客订粥", "医生午餐六份", "咨询部加班餐")
PLATES = ("浙A7K268", "浙A2D519", "沪B8R330", "浙AF06281", "苏E5T917", "浙A9Q043")
APOLOGIES = ("写错了姓名，重新登记", "重复登记")
OPENING = (
    "灯光、招牌已开",
    "大厅、沙发、前台台面整洁",
    "当天报纸杂志已摆放",
    "背景音乐已开",
    "饮水、茶、杯子已补齐",
    "空调、香氛已调好",
    "电脑、打印机、电话正常",
    "洗手间清洁，纸和洗手液已补齐",
)
CLOSING = (
    "各房间无顾客滞留",
    "饮水机、咖啡机已关",
    "音乐、屏幕已关",
    "登记单、就诊卡已锁好",
    "灯光、空调已关",
    "门窗已锁",
)
WRONG = ("二楼饮水机漏水，已报修", "香氛用完，已申领", "三号灯箱不亮，已报修")


@dataclass(slots=True)
class Line:
    """An entry that will be written, with what became of it."""

    entry: LogEntry
    steps: list[LogStep] = field(default_factory=list)


class Log:
    """The desk's days beside its visitors, told with dice of its own: the rest of the story stays as it is."""

    def __init__(self, story: Story, now: datetime) -> None:
        self.story, self.now = story, now
        self.branch = story.hospital.branch
        # Which hands rolled the dice is nobody's secret: the demo is the same for everybody.
        self.dice = Random(f"day log {story.today}")  # noqa: S311
        self.clerks = story.hospital.by_role[Role.RECEPTION]
        self.consultants = story.hospital.by_role[Role.CONSULTANT]
        here = [person for people in story.hospital.by_role.values() for person in people]
        self.people = sorted(here, key=lambda person: person.pk)
        self.leavers = [person for person in story.hospital.staff.values() if person.active_until]

    def tell(self) -> None:
        """Write four weeks and half of today."""
        days = [self.story.today - timedelta(days=back) for back in range(DAYS_PLAYED, -1, -1)]
        lines = [line for day in days for line in self._day(day)]
        LogEntry.objects.bulk_create([line.entry for line in lines], batch_size=500)
        steps = sorted((step for line in lines for step in line.steps), key=lambda step: step.at)
        LogStep.objects.bulk_create(steps, batch_size=500)
        LogOpen.objects.bulk_create(
            LogOpen(
                entry=line.entry,
                branch=self.branch,
                kind=line.entry.kind,
                for_staff=line.entry.for_staff,
                seen_at=next((step.at for step in line.steps if step.what == _What.SEEN), None),
            )
            for line in lines
            if self._waits(line)
        )
        self._rounds(days)
        self._files()

    def _waits(self, line: Line) -> bool:
        ended = any(step.what != _What.SEEN for step in line.steps)
        return line.entry.waits and not ended

    def _day(self, day: date) -> list[Line]:
        dice = self.dice
        drawn = [
            *([self._slip] * dice.randint(3, 6)),
            *([self._call] * dice.randint(1, 3)),
            *([self._parcel] * dice.randint(2, 5)),
            *([self._letter] * dice.randint(0, 2)),
            *([self._outgoing] * dice.randint(0, 2)),
            *([self._applicant] * (dice.random() < 0.3)),
            *([self._caller] * dice.randint(0, 2)),
            *([self._errand] * dice.randint(1, 3)),
            *([self._parking] * dice.randint(2, 4)),
        ]
        dice.shuffle(drawn)
        begin, end = self._hours(day)
        if end < self.story.instant(day, 18):
            drawn = drawn[: len(drawn) * 2 // 3]
        times = sorted(begin + (end - begin) * dice.random() for _ in drawn)
        lines = [tell(at) for at, tell in zip(times, drawn, strict=True)]
        if day == self.story.today:
            called = self._line(
                _Kind.CALL,
                max(begin, end - timedelta(minutes=4)),
                name="周女士",
                for_staff=self.consultants[-1],
                text=CALLS[0],
            )
            lines = sorted([*lines, called], key=lambda line: line.entry.at)
        if lines and day < self.story.today and dice.random() < 0.25:
            self._step(dice.choice(lines), _What.VOID, 6, text=dice.choice(APOLOGIES))
        return lines

    def _hours(self, day: date) -> tuple[datetime, datetime]:
        """Return when the desk's day began and ended; today, as the visitors' day, ends now and began hours ago."""
        begin, end = self.story.instant(day, 8, 25), self.story.instant(day, 18, 25)
        if day == self.story.today:
            end = min(end, self.now)
            begin = max(self.story.instant(day, 0), min(begin, end - timedelta(hours=4)))
        return begin, end

    def _line(self, kind: str, at: datetime, **said: object) -> Line:
        entry = LogEntry(
            branch=self.branch,
            kind=kind,
            day=self.branch.today(at),
            at=at,
            written_by=self.dice.choice(self.clerks),
            **said,
        )
        entry.keys = entry_keys(
            people=[entry.name, entry.for_whom],
            texts=[entry.text, entry.carrier, entry.number, entry.plate],
            phone=str(entry.phone),
        )
        return Line(entry)

    def _step(
        self, line: Line, what: str, after: float, *, by: Staff | None = None, taker: str = "", text: str = ""
    ) -> None:
        """Let something become of an entry some minutes later, if that is over by now."""
        at = line.entry.at + timedelta(minutes=after)
        if at <= self.now:
            by = by or self.dice.choice(self.clerks)
            line.steps.append(LogStep(entry=line.entry, what=what, at=at, by=by, taker=taker, text=text))

    def _slip(self, at: datetime) -> Line:
        dice = self.dice
        person = dice.choice(self.consultants)
        phone = f"{dice.choice(PHONE_PREFIXES)}{dice.randrange(10_000):04d}"
        line = self._line(
            _Kind.CALL, at, name=dice.choice(CALLERS), for_staff=person, text=dice.choice(CALLS), phone=phone
        )
        seen = dice.uniform(1, 20)
        self._step(line, _What.SEEN, seen, by=person)
        if line.entry.day == self.story.today and dice.random() < 0.4:
            return line
        if dice.random() < 0.7:
            self._step(line, _What.ANSWERED, seen + dice.uniform(3, 60), by=person, text=dice.choice(ANSWERS))
        else:
            self._step(line, _What.DONE, seen + dice.uniform(3, 90), by=person)
        return line

    def _call(self, at: datetime) -> Line:
        return self._line(_Kind.CALL, at, name=self.dice.choice(CALLERS), text=self.dice.choice(OTHER_CALLS))

    def _mail(self, kind: str, at: datetime, pieces: int) -> Line:
        dice = self.dice
        gone = dice.random() < 0.06
        person = dice.choice(self.leavers if gone else self.people)
        number = f"SF{dice.randrange(10**12):012d}" if dice.random() < 0.6 else ""
        line = self._line(
            kind,
            at,
            for_staff=person,
            name=dice.choice(SENDERS),
            carrier=dice.choice(CARRIERS),
            pieces=pieces,
            number=number,
        )
        if gone:
            self._step(line, _What.RETURNED, 60 * 24 * dice.uniform(5, 9))
        elif dice.random() < 0.97:
            self._step(line, _What.HANDED_OUT, dice.uniform(60, 540), taker=person.display_name)
        return line

    def _parcel(self, at: datetime) -> Line:
        return self._mail(_Kind.PARCEL, at, self.dice.choices((1, 2, 5), weights=(8, 2, 1))[0])

    def _letter(self, at: datetime) -> Line:
        return self._mail(_Kind.LETTER, at, 1)

    def _outgoing(self, at: datetime) -> Line:
        dice = self.dice
        number = f"SF{dice.randrange(10**12):012d}"
        line = self._line(_Kind.OUTGOING, at, name=dice.choice(OUTGOING), carrier=dice.choice(CARRIERS), number=number)
        self._step(line, _What.PICKED_UP, dice.uniform(20, 200))
        return line

    def _applicant(self, at: datetime) -> Line:
        return self._line(_Kind.APPLICANT, at, name=self.dice.choice(CALLERS), text=self.dice.choice(POSITIONS))

    def _caller(self, at: datetime) -> Line:
        return self._line(_Kind.CALLER, at, name=self.dice.choice(CALLERS), text=self.dice.choice(VISITING))

    def _errand(self, at: datetime) -> Line:
        dice = self.dice
        errand, texts = dice.choice(
            (
                (LogEntry.Errand.TAXI, TAXIS),
                (LogEntry.Errand.MEAL, MEALS),
                (LogEntry.Errand.CHILD_CARE, ("面诊期间照看孩子，四岁",)),
            )
        )
        line = self._line(_Kind.ERRAND, at, errand=errand, text=dice.choice(texts), name=dice.choice(CALLERS))
        self._step(line, _What.DONE, dice.uniform(8, 45))
        return line

    def _parking(self, at: datetime) -> Line:
        dice = self.dice
        line = self._line(
            _Kind.PARKING,
            at,
            plate=dice.choice(PLATES),
            number=f"{dice.randrange(10**6):06d}",
            name=dice.choice(CALLERS),
        )
        self._step(line, _What.VALIDATED, dice.uniform(30, 150))
        return line

    def _rounds(self, days: list[date]) -> None:
        dice, supervisor = self.dice, self.story.hospital.one(Role.DESK_SUPERVISOR)
        ticks: list[RoundTick] = []
        for kind, texts, hour in ((RoundList.Kind.OPENING, OPENING, 8), (RoundList.Kind.CLOSING, CLOSING, 18)):
            written = RoundList.objects.create(
                branch=self.branch,
                kind=kind,
                version=1,
                starts_on=days[0],
                written_by=supervisor,
                written_at=self.story.instant(days[0], 8),
            )
            items = RoundItem.objects.bulk_create(
                RoundItem(list=written, position=position, text=text) for position, text in enumerate(texts, start=1)
            )
            for day in days:
                missed = 2 if kind == RoundList.Kind.CLOSING and day == days[-4] else 0
                ticks += self._ticks(day, items[: len(items) - missed], hour, dice.choice(self.clerks))
        RoundTick.objects.bulk_create(sorted(ticks, key=lambda tick: tick.at), batch_size=500)

    def _ticks(self, day: date, items: Iterable[RoundItem], hour: int, clerk: Staff) -> list[RoundTick]:
        minute, ticks = self.dice.uniform(0, 18), []
        begin = self._hours(day)[0] if hour < 12 else self.story.instant(day, hour, 12)
        pace = 0.1 if begin < self.story.instant(day, 8) else 1.0
        for item in items:
            minute += self.dice.uniform(0.5, 2.5)
            wrong = self.dice.random() < 0.01
            tick = RoundTick(
                branch=self.branch,
                day=day,
                item=item,
                state=RoundTick.State.WRONG if wrong else RoundTick.State.DONE,
                remark=self.dice.choice(WRONG) if wrong else "",
                at=begin + timedelta(minutes=minute * pace),
                by=clerk,
            )
            if tick.at <= self.now:
                ticks.append(tick)
        return ticks

    def _files(self) -> None:
        """Everybody who came again in these weeks was asked for in the file room; today's files are on their way."""
        keeper = self.story.hospital.one(Role.FILE_ROOM)
        since = self.story.today - timedelta(days=DAYS_PLAYED)
        asked: list[FileRequest] = []
        steps: list[FileStep] = []
        visits = Visit.objects.filter(branch=self.branch, day__gte=since, visit_type__in=BRINGS_FILE)
        for visit in visits.exclude(state=Visit.State.VOID).order_by("arrived_at", "pk"):
            began = visit.allocated_at or visit.arrived_at
            request = FileRequest(
                visit=visit, visitor_id=visit.visitor_id, branch=self.branch, asked_at=began, changed_at=began
            )
            asked.append(request)
            over = visit.finished_at or visit.left_at
            minutes = (self.dice.uniform(2, 6), self.dice.uniform(6, 9), self.dice.uniform(9, 14))
            times = [began + timedelta(minutes=minute) for minute in minutes]
            come_to = list(zip((_File.FOUND, _File.BROUGHT, _File.DELIVERED), times, strict=True))
            if over is not None:
                come_to.append((_File.RETURNED, max(over, times[-1]) + timedelta(minutes=self.dice.uniform(20, 90))))
            for state, at in come_to:
                if at <= self.now:
                    request.state, request.changed_at = state, at
                    steps.append(FileStep(request=request, state=state, at=at, by=keeper))
        FileRequest.objects.bulk_create(asked, batch_size=500)
        FileStep.objects.bulk_create(sorted(steps, key=lambda step: step.at), batch_size=500)
