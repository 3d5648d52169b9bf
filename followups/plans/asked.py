"""Questions that several calls ask in the same words, so that their answers can be compared."""

from followups.plans.words import Question

PAIN = Question("pain", "scale", "疼痛，0到10分", "Pain, 0 to 10", "7")
# Some weeks later hardly anything may hurt.
PAIN_LATER = Question("pain", "scale", "疼痛，0到10分", "Pain, 0 to 10", "4")
FEVER = Question("fever", "yes_no", "体温超过38℃？", "Temperature above 38 °C?", "yes")
BLEEDING = Question("bleeding", "yes_no", "敷料持续渗血或渗液？", "Bleeding or fluid that goes on?", "yes")
BREATH = Question("breath", "yes_no", "胸闷、气短或小腿肿痛？", "Tight chest, short of breath, painful calf?", "yes")
MEDICINE = Question("medicine", "yes_no", "按时吃药？", "Taking the medicine as prescribed?")
SWELLING = Question("swelling", "yes_no", "重新肿起来或一侧变大？", "Swelling again, or one side larger?", "yes")
WOUND = Question("wound", "yes_no", "伤口红、硬、裂开或流水？", "Wound red, hard, open or weeping?", "yes")
SCAR = Question("scar", "yes_no", "疤痕增高、又红又痛？", "Scar raised, red and painful?", "yes")
LUMP = Question("lump", "yes_no", "摸到新的硬块？", "A new hard lump?", "yes")
FUNCTION = Question("function", "yes_no", "闭眼、呼吸或活动受影响？", "Trouble with eyes, breathing, moving?", "yes")
CONTENT = Question("content", "yes_no", "对效果满意？", "Content with the result?")
WISHES = Question("wishes", "text", "希望改善的地方", "What could be better")
BLISTERS = Question("blisters", "yes_no", "起水泡、渗液或破皮？", "Blisters, weeping or broken skin?", "yes")
REDNESS = Question("redness", "yes_no", "红肿一天后仍在加重？", "Redness or swelling still growing after a day?", "yes")
SUNBURN = Question("sunburn", "yes_no", "晒伤、过敏或正在发炎？", "Sunburn, an allergy or an inflammation?", "yes")
PREGNANT = Question("pregnant", "yes_no", "怀孕、备孕或新用药？", "Pregnant, planning to be, or new medicine?", "yes")
EYELID = Question("eyelid", "yes_no", "眼睑下垂或看东西重影？", "A drooping eyelid or double sight?", "yes")
SKIN = Question("skin", "yes_no", "皮肤发白、发紫或剧痛？", "Skin turning white or purple, or strong pain?", "yes")
EVEN = Question("even", "yes_no", "两边对称？", "Both sides alike?", "no")
COMES = Question("comes", "yes_no", "能按时来？", "Will she come on time?")
