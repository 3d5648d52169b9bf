"""After an operation: day 2, and months 1, 3 and 6; years 1 and 2 for who is tracked individually."""

from followups.plans.asked import (
    BLEEDING,
    BREATH,
    CONTENT,
    FEVER,
    FUNCTION,
    LUMP,
    MEDICINE,
    PAIN,
    PAIN_LATER,
    SCAR,
    SWELLING,
    WISHES,
    WOUND,
)
from followups.plans.words import Step, Words

SURGERY: tuple[Step, ...] = (
    Step(
        "day-2",
        2,
        "days",
        3,
        Words(
            "术后第2天",
            "{visitor}您好，我是{hospital}术后客服{staff}。您{date}由{doctor}医生做了{project}，今天是术后第{days}天，"
            "我来问问您恢复得怎么样，大概两三分钟，现在方便吗？\n"
            "这两天伤口疼不疼？从0到10您打几分？止痛药吃了吗，吃了以后能缓解吗？\n"
            "伤口的敷料是干的还是湿的？有没有渗血、渗液，或者有异味？\n"
            "今天量过体温吗？最高多少度？有没有发冷、恶心，或者胸闷、气短？\n"
            "医生开的药都按时吃了吗？有没有起疹子或者不舒服？\n"
            "提醒您：敷料保持干燥，不要自己拆；睡觉时垫高手术部位；这两周不抽烟、不喝酒，不吃活血的药。\n"
            "您下次换药的时间记得吗？有任何不放心，随时打我们电话，夜里也有人接。",
            "轻到中度疼痛，吃止痛药后缓解\n肿胀、淤青，两三天内最明显\n敷料上有少量淡红色渗液\n体温不超过38℃\n手术部位发紧、麻木",
            "疼痛突然加重，或两侧明显不一样\n敷料持续渗血，或渗液变多、发黄、有异味\n体温超过38.5℃，或发冷寒战\n皮肤发白、发紫、发黑或起水泡\n"
            "胸闷、气短、小腿肿痛、视物模糊：马上转给医生",
        ),
        Words(
            "Day 2 after surgery",
            "Hello {visitor}, this is {staff} from the after-care team of {hospital}. {doctor} did your {project} on"
            " {date}; today is day {days}, and I am calling to ask how you are. It takes two or three minutes. Is now a"
            " good time?\n"
            "How is the pain, from 0 to 10? Have you taken the painkillers, and do they help?\n"
            "Is the dressing dry? Any bleeding, fluid or smell?\n"
            "Have you taken your temperature today? What was the highest? Any chills, nausea, tight chest or shortness"
            " of breath?\n"
            "Are you taking all the medicine as prescribed? Any rash or discomfort from it?\n"
            "Please keep the dressing dry and leave it on, sleep with the area raised, and for two weeks no smoking, no"
            " alcohol and nothing that thins the blood.\n"
            "Do you know when your next dressing is? If anything worries you, call us at any hour; somebody answers at"
            " night too.",
            "Mild to moderate pain that painkillers relieve\nSwelling and bruising, at their height on days two and"
            " three\nA little pale red fluid on the dressing\nTemperature up to 38 °C\nTightness and numbness in the"
            " area",
            "Pain that suddenly grows, or differs much between the two sides\nBleeding that goes on; more fluid, yellow"
            " or smelling\nTemperature above 38.5 °C, or shivering\nSkin turning white, purple or black, or blisters\n"
            "Tight chest, shortness of breath, a swollen painful calf, blurred sight: to the doctor at once",
        ),
        questions=(
            PAIN,
            FEVER,
            BLEEDING,
            BREATH,
            MEDICINE,
        ),
    ),
    Step(
        "month-1",
        1,
        "months",
        2,
        Words(
            "术后1个月",
            "{visitor}您好，我是{hospital}术后客服{staff}。您{date}做的{project}快一个月了，今天想了解一下您的恢复情况。\n"
            "现在还肿吗？早上和晚上比，哪个时候更明显？\n"
            "伤口长得怎么样？有没有发红、发硬、发痒，或者有线头露出来？\n"
            "手术部位的感觉恢复了吗？活动的时候有没有牵拉、疼痛？\n"
            "两边看起来对称吗？和您术前跟{doctor}医生商量的样子比，您满意吗？\n"
            "疤痕护理做了吗？出门有没有防晒？\n"
            "提醒您按时来复查，我可以现在帮您约{doctor}医生的时间。",
            "大部分肿胀已消，早晨起来略肿\n疤痕发红、稍硬、偶尔发痒\n手术部位麻木正在恢复\n左右恢复快慢略有不同",
            "一个月后又重新肿起来，或一侧突然变大\n伤口裂开、流水、长期不愈合\n疤痕越长越高、又红又痛\n摸到硬块并且发热、疼痛\n"
            "感觉或活动比上周更差",
        ),
        Words(
            "1 month after surgery",
            "Hello {visitor}, this is {staff} from the after-care team of {hospital}. Your {project} of {date} is about"
            " a month ago, and I would like to hear how you are recovering.\n"
            "Is there still swelling? Is it worse in the morning or in the evening?\n"
            "How has the wound healed? Any redness, hardness, itching, or a thread showing?\n"
            "Is feeling coming back? Does anything pull or hurt when you move?\n"
            "Do both sides look alike? Is it what you and {doctor} had agreed on?\n"
            "Are you looking after the scar, and keeping the sun off it?\n"
            "Please come for your check-up in time; I can book {doctor} for you now.",
            "Most swelling gone, a little in the morning\nScar red, slightly hard, itching now and then\nNumbness"
            " getting less\nThe two sides recovering at slightly different speed",
            "Swelling that comes back, or one side suddenly larger\nA wound that opens, weeps or does not close\nA scar"
            " that grows higher, red and painful\nA hard lump that is warm and painful\nFeeling or movement worse than"
            " a week ago",
        ),
        questions=(
            PAIN_LATER,
            SWELLING,
            WOUND,
        ),
    ),
    Step(
        "month-3",
        3,
        "months",
        1,
        Words(
            "术后3个月",
            "{visitor}您好，我是{hospital}术后客服{staff}。您{date}做的{project}已经三个月了，效果基本稳定下来，"
            "想听听您自己的感受。\n"
            "现在的效果您满意吗？1到5分打几分？哪里最满意，哪里觉得还可以更好？\n"
            "疤痕颜色淡了吗？有没有增生、发硬？\n"
            "平时活动、运动、睡觉都恢复正常了吗？\n"
            "家人朋友怎么说？\n"
            "三个月的复查建议您来一趟，拍照和术前对比，{doctor}医生当面看过更放心。您哪天方便？",
            "形态自然，基本看不出肿胀\n疤痕由红变淡，开始变软\n感觉大部分恢复\n可以正常运动",
            "左右明显不对称，或位置发生移动\n摸起来越来越硬，或持续疼痛\n疤痕仍在增高、发红、发痒\n"
            "局部反复红肿\n功能受影响，例如闭眼、呼吸、活动困难",
        ),
        Words(
            "3 months after surgery",
            "Hello {visitor}, this is {staff} from the after-care team of {hospital}. It is three months since your"
            " {project} of {date}. The result has mostly settled, and I would like to hear how you feel about it.\n"
            "Are you content, from 1 to 5? What do you like best, and what could be better?\n"
            "Has the scar faded? Is it raised or hard anywhere?\n"
            "Are moving, sports and sleep as they were?\n"
            "What do family and friends say?\n"
            "We advise a check-up at three months, with photographs to compare; it is safest when {doctor} has seen"
            " you. Which day suits you?",
            "Natural shape, hardly any swelling\nScar turning from red to pale and soft\nMost feeling back\nNormal"
            " sports possible",
            "The sides clearly differ, or something has moved\nGrowing hardness or lasting pain\nA scar still rising,"
            " red or itching\nRedness and swelling that return\nTrouble in use, such as closing the eyes, breathing or"
            " moving",
        ),
        questions=(
            CONTENT,
            SCAR,
            LUMP,
            FUNCTION,
        ),
    ),
    Step(
        "month-6",
        6,
        "months",
        1,
        Words(
            "术后6个月",
            "{visitor}您好，我是{hospital}术后客服{staff}。您{date}做的{project}满半年了，这是我们最后一次例行回访。\n"
            "半年下来，最终效果您满意吗？1到5分打几分？\n"
            "身上还有什么不舒服的地方吗？疤痕、感觉、活动都正常吗？\n"
            "这半年里我们的服务有哪些做得好，哪些让您不满意？您尽管说，我都记下来。\n"
            "如果愿意，欢迎回来做一次半年复查，{doctor}医生给您看看，再拍一组对比照片。\n"
            "谢谢您的信任，以后有任何问题还是打这个电话。",
            "形态稳定，触感柔软\n疤痕变平变淡，接近肤色\n感觉恢复，或只剩很小范围麻木\n生活、工作、运动没有影响",
            "形态变化：变形、移位、凹陷或变硬\n仍有疼痛、麻木范围没有缩小\n疤痕增生或破溃\n"
            "出现新的肿块或红肿\n对效果失望、情绪低落：登记并转主管",
        ),
        Words(
            "6 months after surgery",
            "Hello {visitor}, this is {staff} from the after-care team of {hospital}. Your {project} of {date} is half"
            " a year ago, and this is our last routine call.\n"
            "Looking back, are you content with the result, from 1 to 5?\n"
            "Does anything still trouble you? Are scar, feeling and movement as they should be?\n"
            "What did we do well in these six months, and what not? Please be frank, I write it all down.\n"
            "If you like, come for a half-year check-up: {doctor} has a look and we take photographs to compare.\n"
            "Thank you for your trust. This number stays the right one for any question.",
            "Stable shape, soft to the touch\nScar flat and pale, close to the colour of the skin\nFeeling back, or"
            " only a small numb area left\nNo effect on daily life, work or sports",
            "A change of shape: distorted, moved, sunken or hard\nPain, or numbness that has not become less\nA scar"
            " that grows or opens\nA new lump, redness or swelling\nDisappointed or low in mood: write it down and tell"
            " the supervisor",
        ),
        questions=(
            CONTENT,
            LUMP,
            FUNCTION,
            WISHES,
        ),
    ),
    Step(
        "year-1",
        12,
        "months",
        1,
        Words(
            "术后1年（个案追踪）",
            "{visitor}您好，我是{hospital}术后客服{staff}。您{date}做的{project}满一年了，您是我们个案追踪的顾客，"
            "今天想了解一下一年后的情况。\n"
            "现在的形态和手感，和半年时比有变化吗？1到5分您打几分？\n"
            "有没有疼痛、麻木、硬块，或者哪一侧不一样？\n"
            "这一年里在别的地方看过、检查过手术部位吗？结果怎么样？\n"
            "建议您来做一次年度复查，{doctor}医生看过、拍照留档，也更放心。您哪天方便？",
            "形态稳定，与半年时相同\n疤痕平、软，颜色接近肤色\n感觉、活动如常",
            "形态改变：移位、变形、凹陷或变硬\n出现新的肿块、疼痛或红肿\n外院检查提示异常：登记并转给医生",
        ),
        Words(
            "1 year after surgery (tracked)",
            "Hello {visitor}, this is {staff} from the after-care team of {hospital}. It is a year since your {project}"
            " of {date}, and as we follow your case individually I would like to hear how you are.\n"
            "Have shape or feel changed since six months? How content are you, from 1 to 5?\n"
            "Any pain, numbness or hardness, or one side unlike the other?\n"
            "Have you been seen or examined elsewhere this year? What was found?\n"
            "We advise a yearly check-up with {doctor}, with photographs for your file. Which day suits you?",
            "Stable shape, as it was at six months\nScar flat and soft, close to the colour of the skin\n"
            "Feeling and movement as usual",
            "A change of shape: moved, distorted, sunken or hard\nA new lump, pain, redness or swelling\n"
            "Something found elsewhere: write it down and tell the doctor",
        ),
        tracked_only=True,
        questions=(
            CONTENT,
            LUMP,
        ),
    ),
    Step(
        "year-2",
        24,
        "months",
        1,
        Words(
            "术后2年（个案追踪）",
            "{visitor}您好，我是{hospital}术后客服{staff}。您{date}做的{project}已经两年了，按个案追踪的安排给您打这个电话。\n"
            "两年来效果稳定吗？1到5分您打几分？\n"
            "手术部位有没有任何新的不舒服？\n"
            "最近一次检查是什么时候？需要我帮您约{doctor}医生吗？",
            "形态稳定，没有新的变化\n没有疼痛和硬块\n感觉、活动如常",
            "形态改变：移位、变形、凹陷或变硬\n出现新的肿块、疼痛或红肿\n对效果失望、情绪低落：登记并转主管",
        ),
        Words(
            "2 years after surgery (tracked)",
            "Hello {visitor}, this is {staff} from the after-care team of {hospital}. Your {project} of {date} is two"
            " years ago, and I am calling as we follow your case individually.\n"
            "Has the result stayed as it was? How content are you, from 1 to 5?\n"
            "Does anything new trouble you there?\n"
            "When was your last check-up? Shall I book {doctor} for you?",
            "Stable shape, nothing new\nNo pain, no lumps\nFeeling and movement as usual",
            "A change of shape: moved, distorted, sunken or hard\nA new lump, pain, redness or swelling\n"
            "Disappointed or low in mood: write it down and tell the supervisor",
        ),
        tracked_only=True,
        questions=(
            CONTENT,
            LUMP,
        ),
    ),
)
