"""After laser and skin care: as soon as it is filed, about the experience and the next date; and before that date."""

from followups.plans.asked import BLISTERS, COMES, PAIN, PREGNANT, REDNESS, SUNBURN
from followups.plans.words import Step, Words

LASER: tuple[Step, ...] = (
    Step(
        "experience",
        0,
        "days",
        2,
        Words(
            "治疗当日",
            "{visitor}您好，我是{hospital}客服{staff}。您{date}做了{project}，打电话问问您的感受，一两分钟就好。\n"
            "治疗过程疼不疼？医生和美容师讲解得清楚吗？接待您满意吗？1到5分您打几分？\n"
            "现在皮肤感觉怎么样？有没有发红、发热、紧绷？\n"
            "提醒您：今天只用清水洗脸，做好补水和防晒，一周内不用含酸、去角质的产品，结痂不要用手撕。\n"
            "下次治疗的时间{doctor}医生和您约好了吗？没有的话我现在帮您约。",
            "轻度发红、发热，几小时到一天内消退\n皮肤紧绷、发干\n点状结痂，五到七天自行脱落",
            "发红、肿胀一天后仍在加重\n起水泡、渗液或破皮\n剧烈疼痛，或皮肤发白、发灰：马上转给医生",
        ),
        Words(
            "On the day of treatment",
            "Hello {visitor}, this is {staff} from {hospital}. You had your {project} on {date}; I am calling to ask"
            " how it was. It takes a minute or two.\n"
            "Did it hurt? Was everything explained clearly? Were you received well? How content are you, from 1 to 5?\n"
            "How does your skin feel now? Any redness, heat or tightness?\n"
            "For today wash with water only, moisturise and keep out of the sun; for a week nothing with acids, no"
            " peeling; leave any scabs alone.\n"
            "Has {doctor} agreed the next date with you? If not, I can book it now.",
            "Slight redness and warmth, gone within hours to a day\nTight, dry skin\nTiny scabs that fall off by"
            " themselves in five to seven days",
            "Redness or swelling still growing after a day\nBlisters, weeping or broken skin\nStrong pain, or skin"
            " turning white or grey: to the doctor at once",
        ),
        anchor="filing",
        questions=(
            PAIN,
            REDNESS,
            BLISTERS,
        ),
    ),
    Step(
        "before-next",
        -1,
        "days",
        0,
        Words(
            "下次治疗前1天",
            "{visitor}您好，我是{hospital}客服{staff}。您下一次{project}约在{next}，和您确认一下，您能按时来吗？\n"
            "上次治疗后皮肤恢复得怎么样？结痂都掉了吗？\n"
            "这几天有没有晒伤、过敏、感冒发烧，或者正在吃药？有没有怀孕的可能？\n"
            "请您素颜来，提前十分钟到；需要改时间我现在帮您改。",
            "结痂已脱落，肤色均匀\n轻微色素加深，正在变淡\n皮肤略干",
            "晒伤、过敏或正在发炎\n色素沉着明显加深\n怀孕、发烧或新用药：先问医生能不能做",
        ),
        Words(
            "The day before the next session",
            "Hello {visitor}, this is {staff} from {hospital}. Your next {project} is on {next}; will you be able to"
            " come?\n"
            "How has your skin recovered? Are all scabs gone?\n"
            "Any sunburn, allergy, cold or fever, or medicine you are taking? Could you be pregnant?\n"
            "Please come without make-up, ten minutes early. If you need another time I can change it now.",
            "Scabs gone, even skin\nSlight darkening that is fading\nSlightly dry skin",
            "Sunburn, an allergy or an inflammation\nDarkening that has clearly grown\nPregnancy, fever or new"
            " medicine: ask the doctor first",
        ),
        anchor="next_visit",
        questions=(
            COMES,
            SUNBURN,
            PREGNANT,
        ),
    ),
)
