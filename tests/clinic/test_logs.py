"""S5: what is looked for does not stand in a log."""

from clinic.config.logs import hide_codes


def test_s5_a_line_of_the_log_tells_which_page_was_asked_for_and_not_what_was_looked_for_on_it() -> None:
    told = hide_codes(None, "info", {"event": "request_started", "request": "GET /visitors/?q=13800138000&page=2"})
    assert told == {"event": "request_started", "request": "GET /visitors/"}


def test_s8_the_code_of_a_card_is_not_told() -> None:
    told = hide_codes(None, "info", {"event": "Not Found: /card/w9nt3wh4sqktqjqj/", "request": "GET /card/w9nt3wh4/"})
    assert told == {"event": "Not Found: /card/***/", "request": "GET /card/***/"}
