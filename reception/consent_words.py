"""The consents a hospital begins with; a manager writes new versions in the words of her own hospital."""

from typing import NamedTuple


class FirstWords(NamedTuple):
    """The first version of one consent in both languages."""

    text: str
    text_en: str


FIRST_WORDS: dict[str, FirstWords] = {
    "data": FirstWords(
        "我同意本院为接诊、诊疗及随访目的收集和使用我的个人信息（姓名、联系方式、性别、年龄、职业等）。"
        "信息仅供本院相关工作人员使用，依法保存，未经我同意不向第三方提供。我可以随时查阅、更正或撤回同意。",
        "I agree that the hospital collects and uses my personal data (name, contact, gender, age, occupation) to"
        " receive, treat and follow me up. Only staff who need them see them; they are kept as the law says and given"
        " to nobody else without my consent. I may look at them, correct them or withdraw this consent at any time.",
    ),
    "sensitive": FirstWords(
        "我单独同意本院处理我的敏感个人信息（健康状况、过敏史、既往治疗、证件号码），仅用于评估治疗风险和依法建立病历。"
        "如不同意，不影响咨询，但可能无法实施治疗。",
        "I separately agree that the hospital handles my sensitive data (health, allergies, earlier treatments, id"
        " number), only to judge the risks of a treatment and to keep the file the law requires. Without it I can still"
        " be advised, but perhaps not be treated.",
    ),
    "photographs": FirstWords(
        "我同意本院为术前术后对比及病历存档拍摄我的照片。未经我另行书面同意，照片不用于宣传或教学。",
        "I agree that the hospital photographs me for comparison before and after a treatment and for the file. Without"
        " another written consent of mine the photographs are not used for advertising or teaching.",
    ),
    "messages": FirstWords(
        "我同意本院通过电话、短信或微信向我发送就诊提醒、术后关怀及活动信息。我可以随时退订。",
        "I agree to be called and to receive reminders, care after treatments and news by text message or WeChat. I may"
        " stop this at any time.",
    ),
}
