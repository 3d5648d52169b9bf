"""What stands on visitors' cards beside name and phone: consents, an id paper, and cards that wait at the desk."""

from datetime import datetime, timedelta

from clinic.roles import Role
from complaints.demo.story import Story
from reception.models import Consent, ConsentText, IntakeCard, Visitor
from reception.models.consents import Via
from reception.selectors.consents import texts_in_force
from reception.services import invite, record_id_paper, start_kiosk, submit_card

OCCUPATIONS = ("教师", "护士", "公务员", "设计师", "会计", "自由职业", "学生", "个体经营", "银行职员", "工程师")
WISHES = ("想要自然的双眼皮", "法令纹变浅", "皮肤暗沉，想提亮", "鼻梁高一点", "咨询祛斑", "")
AGREE = (0.98, 0.93, 0.55, 0.7)
# An invented number with a check character that fits; the district it names is not given out.
ID_NUMBER = "990100199203150021"


def tell_cards(story: Story, now: datetime) -> None:
    """Fill in the cards of the visitors of the last days, and let three wait at the desk; `now` is aware."""
    dice, clerks = story.dice, story.hospital.by_role[Role.RECEPTION]
    texts = list(texts_in_force(story.today).values())
    since = story.today - timedelta(days=7)
    recent = list(Visitor.objects.filter(last_visit_on__gte=since).order_by("pk"))
    consents = []
    for visitor in recent:
        visitor.occupation = dice.choice(OCCUPATIONS) if dice.random() < 0.7 else ""
        visitor.wishes = dice.choice(WISHES)
        visitor.called_before = dice.choice(("yes", "no", "unknown"))
        if visitor.birth_on is None:
            visitor.birth_year = story.today.year - dice.randrange(19, 56)
        at = min(now, story.instant(visitor.last_visit_on or story.today, 9, dice.randrange(0, 480)))
        via = dice.choice((Via.DESK, Via.PHONE, Via.PHONE, Via.KIOSK))
        consents += [
            _answer(visitor, text, dice.random() < odds, via, at) for text, odds in zip(texts, AGREE, strict=True)
        ]
        for consent in consents[-len(texts) :]:
            consent.staff = dice.choice(clerks)
    Visitor.objects.bulk_update(recent, ["occupation", "wishes", "called_before", "birth_year"], batch_size=500)
    Consent.objects.bulk_create(consents, batch_size=1000)
    _cards(story, now, texts)


def _answer(visitor: Visitor, text: ConsentText, agrees: bool, via: str, at: datetime) -> Consent:
    answer = Consent.Answer.GIVEN if agrees else Consent.Answer.REFUSED
    return Consent(visitor=visitor, text=text, answer=answer, via=via, at=at)


def _cards(story: Story, now: datetime, texts: list[ConsentText]) -> list[IntakeCard]:
    """Send two cards from phones and one from the kiosk in the hall."""
    clerk = story.hospital.one(Role.RECEPTION)
    agreed = {str(text.pk): "given" for text in texts}
    known = Visitor.objects.exclude(phone="").filter(gender="female", birth_on=None).order_by("-pk").first()
    kiosk, _token = start_kiosk(label="大厅左侧", staff=clerk, now=now - timedelta(days=2))
    sent = [
        {"name": "苏若兰", "phone": "+8613900139006", "gender": "female", "birth_year": 1996, "occupation": "教师"},
        {"name": "", "card_declined": True, "consents": {}},
    ]
    cards = []
    for number, answers in enumerate(sent):
        at = now - timedelta(minutes=9 - 3 * number)
        invitation, _code = invite(staff=clerk, now=at - timedelta(minutes=4))
        cards.append(submit_card(invitation=invitation, answers={"consents": agreed} | answers, now=at))
    if known is not None:
        said = {"name": known.name, "phone": str(known.phone), "gender": "female", "occupation": "店主"}
        cards.append(submit_card(kiosk=kiosk, answers={"consents": agreed} | said, now=now - timedelta(minutes=2)))
        record_id_paper(visitor=known, kind="resident", number=ID_NUMBER, staff=clerk, now=now)
    return cards
