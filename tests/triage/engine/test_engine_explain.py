"""Decisions in words, in both languages."""

import re
from string import Formatter

import pytest

from tests.triage.engine.desk import Desk, asks, brought_by, left
from triage.engine import sentences_en, sentences_zh
from triage.engine.decision import Decision, Refused
from triage.engine.explain import Explanation, explain, refusal, rule_sentence
from triage.engine.facts import Consultant, OtherReason, VisitType
from triage.engine.policy import Policy, preset

NAMES = {"A": "王欣", "B": "李敏", "C": "陈静", "D": "O'Brien {b}"}
PROJECTS = {"nose": "鼻部", "eyes": "眼部"}

RULE_IDS = (
    [f"C{n}" for n in range(1, 11)]
    + [f"A{n}" for n in range(1, 15)]
    + [f"T{n}" for n in range(1, 10)]
    + [f"K{n}" for n in range(1, 10)]
    + [f"O{n}" for n in range(1, 7)]
    + [f"R{n}" for n in range(1, 6)]
)
TABLES = ["OTHERS", "RULES", "VERDICTS", "SEATS", "ANSWERS", "BECAUSE", "WAITS", "TYPES", "TURNS", "CAUSES", "REFUSALS"]


def told(decision: Decision, language: str) -> Explanation:
    return explain(decision, "zh" if language == "zh" else "en", consultants=NAMES, projects=PROJECTS)


@pytest.mark.parametrize("rule", RULE_IDS)
def test_every_rule_has_a_sentence_in_both_languages(rule: str) -> None:
    assert rule_sentence(rule, "en").endswith(".")
    assert re.search("[一-鿿]", rule_sentence(rule, "zh"))


@pytest.mark.parametrize("table", TABLES)
def test_both_languages_have_the_same_sentences_with_the_same_parameters(table: str) -> None:
    english, chinese = getattr(sentences_en, table), getattr(sentences_zh, table)
    assert set(english) == set(chinese)
    if table == "RULES":
        assert set(english) == set(RULE_IDS)
    for key in english:
        assert fields(english[key]) == fields(chinese[key]), key


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_rotation_in_words() -> None:
    desk = Desk("ABCD", Consultant("A", scope=("eyes",)), B="out").says("C", "busy", 3)
    decision = desk.arrive("v", "nose")
    english, chinese = told(decision, "en"), told(decision, "zh")
    assert english.answer == "First visit: the visit waits about 3 min for 陈静, next in turn; one turn counted."
    assert chinese.answer == "初诊：等陈静约3分钟，按轮排，计一个号。"
    assert [f"{one.about} {one.text}" for one in english.rules] == [
        "C1 First visit: no earlier consultation can be found.",
        "A12 It is the turn of 陈静: she is busy but free in about 3 min, so the visit waits for her.",
        "T1 By rotation: one turn is counted.",
    ]
    assert [f"{one.about} {one.text}" for one in chinese.rules] == [
        "C1 初诊：查不到以前的咨询记录。",
        "A12 轮到陈静：正忙，约3分钟后有空，顾客等候。",
        "T1 轮排接诊：计一个号。",
    ]
    assert [f"{one.about} {one.text}" for one in english.seats] == [
        "A does not receive 鼻部; passed over, a make-up is owed",
        "B out; passed over",
        "C receives the visit; free in about 3 min",
        "D could receive it, but comes later in the order",
    ]
    assert [f"{one.about} {one.text}" for one in chinese.seats] == [
        "A 不接鼻部；跳过，欠一个补号",
        "B 外出；跳过",
        "C 接诊，约3分钟后有空",
        "D 可以接诊，但顺序在后",
    ]


def scene(name: str) -> Decision:
    """One decision of each kind."""
    desk = Desk("ABCD", left("X", "B"), left("Y"), policy=Policy(owner_absent="rotate"), owed="C")
    if name == "make_up":
        return desk.arrive("v")
    if name == "review":
        return desk.knows("v", "B", "treated").arrive("v", purpose="review")
    if name == "owner":
        return desk.knows("v", "B").arrive("v")
    if name == "owner_busy":
        return desk.knows("v", "B").says("B", "busy").arrive("v")
    if name == "owner_soon":
        return desk.knows("v", "B").says("B", "busy", 4).arrive("v")
    if name == "owner_any_minute":
        return desk.knows("v", "B").says("B", "busy", 4).at(9).arrive("v")
    if name == "asked":
        return desk.arrive("v", designation=asks("B"))
    if name == "asked_busy":
        return desk.says("B", "busy").arrive("v", designation=asks("B", "management"))
    if name == "third_party":
        return desk.arrive("v", designation=asks("B", "third_party"))
    if name == "referred":
        return desk.arrive("v", referral=brought_by("B"))
    if name == "refund":
        return desk.arrive("v", other=OtherReason.REFUND)
    if name == "elder":
        return desk.arrive("v", other=OtherReason.ELDER)
    if name == "owner_out":
        return desk.knows("v", "B").says("B", "out").arrive("v")
    if name == "successor":
        return desk.knows("v", "X", "paid").arrive("v")
    if name == "no_successor":
        return desk.knows("v", "Y", "deposit").arrive("v")
    for seat in "ABCD":
        desk.says(seat, "busy", 30)
    decision = desk.arrive("v")
    return desk.name("v", "D") if name == "named" else decision


ANSWERS = [
    (
        "make_up",
        "First visit: 陈静 receives the visit, making up an owed turn; a make-up turn.",
        "初诊：由陈静接诊，补号，用一个补号。",
    ),
    ("review", "Review: no consultant is needed.", "复查：不需要咨询师。"),
    (
        "owner",
        "Return visit: 李敏 receives the visit, the visitor is her own; no turn used.",
        "复诊：由李敏接诊，是她自己的顾客，不占号。",
    ),
    (
        "owner_busy",
        "Return visit: 王欣 receives the visit, standing in for 李敏, who is busy; no turn used.",
        "复诊：由王欣接诊，李敏正忙，代接，不占号。",
    ),
    (
        "owner_soon",
        "Return visit: the visit waits about 4 min for 李敏, the visitor is her own; no turn used.",
        "复诊：等李敏约4分钟，是她自己的顾客，不占号。",
    ),
    (
        "owner_any_minute",
        "Return visit: the visit waits for 李敏, who is free any minute, the visitor is her own; no turn used.",
        "复诊：等李敏，随时可能有空，是她自己的顾客，不占号。",
    ),
    (
        "owner_out",
        "Return visit: 王欣 receives the visit, standing in for 李敏, who is absent; no turn used.",
        "复诊：由王欣接诊，李敏不在，代接，不占号。",
    ),
    (
        "successor",
        "Repurchase: 李敏 receives the visit, the visitor was handed over to her; no turn used.",
        "再消费：由李敏接诊，顾客已交接给她，不占号。",
    ),
    (
        "no_successor",
        "Repurchase: 陈静 receives the visit, making up an owed turn; a make-up turn.",
        "再消费：由陈静接诊，补号，用一个补号。",
    ),
    (
        "asked",
        "First visit: 李敏 receives the visit, asked for by the visitor; no turn used.",
        "初诊：由李敏接诊，顾客点名，不占号。",
    ),
    (
        "asked_busy",
        "First visit: the visit waits for 李敏, who is busy, arranged by management; no turn used.",
        "初诊：等李敏（正忙），院方安排，不占号。",
    ),
    (
        "third_party",
        "First visit: 陈静 receives the visit, making up an owed turn; a make-up turn.",
        "初诊：由陈静接诊，补号，用一个补号。",
    ),
    (
        "referred",
        "First visit: 李敏 receives the visit, the referrer is her visitor; no turn used.",
        "初诊：由李敏接诊，介绍人是她的顾客，不占号。",
    ),
    ("refund", "Other visit: no consultant is needed.", "其他：不需要咨询师。"),
    (
        "elder",
        "Other visit: 王欣 receives the visit, next in turn; no turn used.",
        "其他：由王欣接诊，按轮排，不占号。",
    ),
    (
        "escalated",
        "First visit: nobody can take the visit; the consulting supervisor names somebody.",
        "初诊：无人能接诊，由咨询主管指定。",
    ),
    (
        "named",
        "First visit: the visit waits about 30 min for O'Brien {b}, named by the supervisor; one turn counted.",
        "初诊：等O'Brien {b}约30分钟，主管指定，计一个号。",
    ),
]


@pytest.mark.parametrize(("name", "english", "chinese"), ANSWERS)
def test_answers_in_words(name: str, english: str, chinese: str) -> None:
    decision = scene(name)
    assert told(decision, "en").answer == english
    assert told(decision, "zh").answer == chinese


def test_a_rule_that_set_something_aside_says_so() -> None:
    decision = scene("third_party")
    assert told(decision, "en").rules[1].text == "李敏 was named by a third party: that is no designation."
    assert told(decision, "zh").rules[1].text == "第三方点名李敏，不算点名。"


def test_the_reason_of_an_other_visit_in_words() -> None:
    decision = scene("refund")
    assert [one.text for one in told(decision, "en").rules] == [
        "Other visit: here for a refund.",
        "No consultant is needed: here for a refund.",
    ]
    assert [one.text for one in told(decision, "zh").rules] == ["其他：退款。", "不需要咨询师：退款。"]


def test_what_the_clerk_stated_in_words() -> None:
    decision = Desk().arrive("v", stated_type=VisitType.RETURN, stated_reason="came {last} year")
    assert told(decision, "en").rules[0].text == "A return visit, as the desk says: came {last} year"
    assert told(decision, "zh").rules[0].text == "复诊，前台注明：came {last} year"


def test_an_owner_who_is_asked_in_words() -> None:
    decision = Desk("AB", B="off").knows("v", "B").arrive("v")
    assert told(decision, "en").answer == ("Return visit: 李敏, the owner, is absent and is asked to name a stand-in.")
    assert told(decision, "zh").answer == "复诊：首诊咨询师李敏不在，请她指定代接人。"


def test_waits_of_an_escalated_visit_in_words() -> None:
    desk = Desk("AB").says("A", "busy").says("B", "busy", 20)
    decision = desk.arrive("v")
    assert [one.text for one in told(decision, "en").waits] == [
        "李敏: about 20 min, 0 waiting",
        "王欣: did not say for how long, 0 waiting",
    ]
    assert [one.text for one in told(decision, "zh").waits] == [
        "李敏：约20分钟，0位在等",
        "王欣：未说明何时有空，0位在等",
    ]


def test_a_refusal_in_words() -> None:
    desk = Desk("AB", policy=preset("strict"))
    desk.arrive("v")
    desk.enter("v")
    with pytest.raises(Refused) as caught:
        desk.undo("v")
    assert refusal(caught.value, "en", consultants=NAMES) == (
        "Only an allocation can be undone; other entries are corrected."
    )
    assert refusal(caught.value, "zh", consultants=NAMES) == "只能撤销分配；其他记录请更正。"
