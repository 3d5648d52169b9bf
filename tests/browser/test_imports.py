"""A manager brings the visitors of the old system in: mistakes first, then all of them, then back again."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenHouse, SignIn, take_picture
from tests.browser.keyboard import reach, tab_to

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]

HEADER = "档案号,姓名,手机,性别,出生日期,来源,备注,归属咨询师,最近到院"
WRONG = """QL-1,王小美,1380013800,女,1990-02-30,抖音,,乔安,2024-03-01
QL-2,,13800138002,甲,03/04/1990,朋友介绍,青霉素过敏,查无此人,2199-01-01
QL-3,曾,13800138003,女,1991-05-06,,,柯岚,2024-05-01
QL-3,李敏,13800138004,女
"""
RIGHT = """QL-1,王小美,13800138001,女,1990-02-28,抖音,,乔安,2024-03-01
QL-2,刘静,13800138002,女,1990-04-03,朋友介绍,青霉素过敏,,2024-04-01
QL-3,曾,13800138003,女,1991-05-06,,,柯岚,2024-05-01
"""


def test_a_file_with_mistakes_is_corrected_imported_and_taken_back(
    open_house: OpenHouse, sign_in: SignIn, tmp_path: Path
) -> None:
    house = open_house()
    right = RIGHT.replace("QL-", f"{house.code.upper()}-")
    manager = sign_in(house.login_name("manager"), language="zh")
    wrong_file, right_file = tmp_path / "老系统顾客.csv", tmp_path / "老系统顾客-改.csv"
    wrong_file.write_bytes(f"{HEADER}\n{WRONG.replace('QL-', f'{house.code.upper()}-')}".encode("gb18030"))
    right_file.write_bytes(f"{HEADER}\n{right}".encode())

    def bring(file: Path) -> None:
        manager.goto("/imports/")
        manager.locator("#id_file").set_input_files(file)
        tab_to(manager, "main form [type=submit]", most=60)
        manager.keyboard.press("Enter")
        expect(manager.locator("#id_column_1")).to_have_value("name")
        expect(manager.locator("#id_column_8")).to_have_value("last_visit_on")
        reach(manager, manager.locator("#matching [type=submit]").first, most=80)
        manager.keyboard.press("Enter")

    bring(wrong_file)
    mistakes = manager.locator(".import-mistakes tbody tr")
    expect(mistakes.first).to_be_visible(timeout=20_000)
    told = mistakes.all_inner_texts()
    assert [line.split("\t")[0] for line in told] == ["2", "2", "3", "3", "3", "3", "3", "5"]
    assert "C 手机" in told[0] and "1380013800" in told[0]
    assert manager.watch.faults("zh") == []  # type: ignore[attr-defined]
    take_picture(manager, "import-mistakes")

    bring(right_file)
    button = manager.locator("form[action*=run] [type=submit]")
    expect(button).to_be_visible(timeout=20_000)
    assert manager.watch.faults("zh") == []  # type: ignore[attr-defined]
    take_picture(manager, "import-preview")
    reach(manager, button, most=80)
    manager.keyboard.press("Enter")
    undo = manager.locator("form[action*=undo] [type=submit]")
    expect(undo).to_be_visible(timeout=20_000)
    count = "select count(*) from reception_visitor where registered_in_id = %s"
    assert house.stack.rows(count, house.branch) == [(3,)]

    reach(manager, undo, most=60)
    manager.keyboard.press("Enter")
    manager.keyboard.press("Tab")
    expect(manager.locator("#confirm-dialog")).to_be_visible()
    manager.locator("#confirm-dialog [value=yes]").focus()
    manager.keyboard.press("Enter")
    expect(manager.locator("main")).to_contain_text("未留下任何内容", timeout=20_000)
    assert house.stack.rows(count, house.branch) == [(0,)]


def test_a_slip_goes_to_the_printer_once_and_its_code_is_read(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(arrived=["王小美"])
    desk = sign_in(house.login_name("reception"), language="zh")
    desk.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    visit = house.visit("王小美")
    desk.goto(f"/visits/{visit['id']}/slip/")
    desk.keyboard.press("p")
    expect(desk.locator(".slip-log tbody tr")).to_have_count(1)
    assert desk.evaluate("window.printed") == 1
    assert desk.watch.faults("zh") == []  # type: ignore[attr-defined]
    take_picture(desk, "slip")
    code = desk.locator(".slip-text").inner_text()
    desk.goto("/desk/scan/")
    expect(desk.locator("#id_code")).to_be_focused()
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")
    expect(desk.locator("#scanned")).to_contain_text("王小美")
    expect(desk.locator("#scanned")).to_contain_text("不会再登记一次")
    assert desk.watch.faults("zh") == []  # type: ignore[attr-defined]
    take_picture(desk, "scan")
