"""Credit at the command line."""

from __future__ import annotations

WATER, PHONE = "9521000000377", "13812345678"


def test_a_sale_is_explained_disputed_and_decided(shop):
    for who in ("G1", "G2"):
        shop.ok("staff", "add", "--id", who, "--name", who, "--role", "guide")
    shop.ok("bind", "--phone", PHONE, "--consent", "membership", "--guide", "G1")
    receipt = shop.ok("sell", f"{WATER}*3", "--guide", "G2", "--member", PHONE)["receipt"]
    found = shop.ok("credit", "why", receipt)
    assert [(one["guide"], one["part"], one["amount"], one["reason"]) for one in found["shares"]] == [
        ("G1", 500_000, 300, "binder"),
        ("G2", 500_000, 300, "seller"),
    ]
    assert (found["binder"], found["seller"], found["cashier"], found["net"]) == ("G1", "G2", "system", 600)
    day = shop.ok("credit", "day", "G1")
    assert (day["bound"], day["waiting"], day["credited"], day["target"]) == (1, 1, 300, None)
    assert [(one["receipt"], one["amount"]) for one in day["sales"]] == [(receipt, 300)]
    assert shop.ok("credit", "dispute", receipt, "--reason", "asked")["kind"] == "credit.disputed"
    (matter,) = shop.ok("tray")
    assert (matter["kind"], matter["detail"]) == ("dispute", "asked")
    decided = shop.ok("credit", "decide", receipt, "G1=1", "G2=3", "--reason", "both")
    assert [(one["guide"], one["amount"]) for one in decided["shares"]] == [("G1", 150), ("G2", 450)]
    assert [one["kind"] for one in decided["said"]] == ["credit.disputed", "credit.decided"]
    assert shop.ok("tray") == []
    assert shop.ok("report")["credit"] == [
        {"guide": "G2", "name": "G2", "amount": 450},
        {"guide": "G1", "name": "G1", "amount": 150},
    ]
    (rule,) = shop.ok("credit", "rule", "--binder", "100%", "--window", "30")
    assert shop.ok("credit", "rules") == [rule] and rule["binder"] == 1_000_000
    assert shop.ok("member", "hand-over", "G1", "--guide", "G2") == {"members": 1}
    sale = shop.ok("sell", WATER, "--guide", "G1", "--member", PHONE)["receipt"]
    assert [one["guide"] for one in shop.ok("credit", "why", sale)["shares"]] == ["G2"]
    assert shop.ok("doctor")["ok"]


def test_what_is_no_decision_is_refused_with_a_sentence(shop):
    receipt = shop.ok("sell", WATER)["receipt"]
    for args, code in (
        (("decide", receipt, "G1"), "bad_credit_parts"),
        (("decide", receipt, "G1=0"), "bad_credit_parts"),
        (("why", "R-1"), "no_such_receipt"),
        (("rule", "--binder", "120%"), "bad_rate"),
        (("rule", "--window", "-1"), "bad_credit_rule"),
        (("rule", "--since", "soon"), "bad_date"),
        (("dispute", receipt, "--reason", "call 13812345678"), "phone_in_words"),
    ):
        done = shop("credit", *args, "--json")
        assert (done.code, done.json["error"]) == (1, code), args
