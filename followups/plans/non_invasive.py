"""After injections: when the effect should show, and before the next session."""

from followups.plans.asked import COMES, CONTENT, EVEN, EYELID, PREGNANT, SKIN
from followups.plans.words import Step, Words

NON_INVASIVE: tuple[Step, ...] = (
    Step(
        "effect",
        0,
        "days",
        2,
        Words(
            "效果显现时",
            "{visitor}您好，我是{hospital}客服{staff}。您{date}由{doctor}医生做了{project}，今天是第{days}天，"
            "效果应该看得出来了，来问问您。\n"
            "您自己看，效果出来了吗？两边对称吗？1到5分您打几分？\n"
            "有没有头痛、眼皮发沉、表情僵硬，或者注射的地方有硬结？\n"
            "有没有淤青、红肿、疼痛还没有消？\n"
            "提醒您按医生约的时间回来复诊；不满意的地方当面调整，您哪天方便？",
            "效果逐渐明显，两侧略有先后\n注射点轻微淤青，一两周消退\n轻微紧绷、异物感，正在减轻",
            "眼睑下垂、看东西重影、吞咽或呼吸费力：马上转给医生\n皮肤发白、发紫、剧痛或起脓点：马上转给医生\n两侧明显不对称，或硬结持续不消",
        ),
        Words(
            "When the effect should show",
            "Hello {visitor}, this is {staff} from {hospital}. {doctor} did your {project} on {date}; this is day"
            " {days}, and the effect should show by now.\n"
            "Do you see it? Are both sides alike? How content are you, from 1 to 5?\n"
            "Any headache, heavy eyelids, a stiff expression, or hard spots where you were injected?\n"
            "Any bruise, redness or pain that has not gone?\n"
            "Please come for your check as agreed; what you are not content with is put right then. Which day suits"
            " you?",
            "An effect that grows clearer, one side a little earlier\nSmall bruises that fade in a week or two\n"
            "Slight tightness or a foreign feeling, getting less",
            "A drooping eyelid, double sight, trouble in swallowing or breathing: to the doctor at once\n"
            "Skin turning white or purple, strong pain or pustules: to the doctor at once\n"
            "Sides that clearly differ, or hard spots that stay",
        ),
        anchor="effect",
        questions=(
            CONTENT,
            EVEN,
            EYELID,
            SKIN,
        ),
    ),
    Step(
        "before-next",
        -3,
        "days",
        0,
        Words(
            "下次治疗前3天",
            "{visitor}您好，我是{hospital}客服{staff}。您下一次{project}约在{next}，提前和您确认一下，时间方便吗？\n"
            "上次的效果维持得怎么样？哪里希望这次调整？我先告诉{doctor}医生。\n"
            "这几天有没有感冒发烧、皮肤发炎，或者在吃阿司匹林一类活血的药？有没有怀孕或备孕？\n"
            "请您前一周不喝酒，素颜来；需要改时间我现在帮您改。",
            "效果自然减弱\n没有红肿、疼痛\n皮肤状态正常",
            "注射部位红肿、疼痛或有硬结\n怀孕、备孕、发烧或新用药：先问医生能不能做\n对上次效果不满意：登记并转给咨询师",
        ),
        Words(
            "Three days before the next session",
            "Hello {visitor}, this is {staff} from {hospital}. Your next {project} is on {next}; is the time still good"
            " for you?\n"
            "How has the effect lasted? What would you like to be different this time? I will tell {doctor}.\n"
            "Any cold, fever or inflamed skin, or medicine that thins the blood, such as aspirin? Could you be"
            " pregnant, or are you planning to be?\n"
            "Please drink no alcohol the week before and come without make-up. If you need another time I can change it"
            " now.",
            "An effect that fades as it should\nNo redness, swelling or pain\nSkin as usual",
            "Redness, pain or hard spots where it was injected\nPregnancy, fever or new medicine: ask the doctor"
            " first\nNot content with the last time: write it down and tell the consultant",
        ),
        anchor="next_visit",
        questions=(
            COMES,
            PREGNANT,
        ),
    ),
)
