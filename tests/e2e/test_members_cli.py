"""Members at the command line: bound, found, sold to, and gone."""

from __future__ import annotations

import pytest

WATER, PHONE, OTHER = "9521000000377", "13812345678", "13912345678"


def test_a_member_from_the_first_day_to_the_last(shop):
    bound = shop.ok("bind", "--phone", PHONE, "--name", "王小明", "--card", "VIP7", "--consent", "membership,contact",
                    "--guide", "G1")  # fmt: skip
    member = bound["member"]
    assert {name: bound[name] for name in ("state", "confirmed", "phone", "name", "guide", "consent")} == {
        "state": "active", "confirmed": True, "phone": "138****5678", "name": "王**", "guide": "G1",
        "consent": ["membership", "contact"],
    }  # fmt: skip
    for who in (PHONE, "VIP7", member, "5678 王"):
        sale = shop.ok("sell", WATER, "--member", who)
    shop.ok("return", sale["receipt"])
    assert [row["member"] for row in shop.ok("member", "list")] == [member]
    assert shop.ok("member", "give", PHONE, "--consent", "marketing")["consent"][-1] == "marketing"
    assert shop.ok("member", "correct", member, "--phone", OTHER)["phone"] == "139****5678"
    clear = shop.ok("member", "reveal", member, "--reason", "asked")
    assert clear == {"member": member, "phone": "+8613912345678", "name": "王小明", "card": "VIP7"}
    kinds = [one["kind"] for one in shop.ok("member", "show", member)["history"]]
    assert kinds == [
        "member.disclosed", "member.corrected", "member.consent_given", *["sale.completed"] * 5, "member.bound",
    ]  # fmt: skip
    assert shop.ok("member", "export", OTHER)["name"] == "王小明"
    report = shop.ok("report")
    total = report["total"]
    assert (total["new_members"], total["member_orders"], total["member_net"]) == (1, 4, 600)
    assert report["repeat"] == {"days": 30, "members": 1, "again": 0, "rate": 0}
    left = shop.ok("member", "withdraw", member, "--consent", "membership")
    assert (left["state"], left["phone"], left["consent"]) == ("left", "", [])
    assert shop("member", "show", OTHER, "--json").json["error"] == "no_such_member"
    assert shop("sell", WATER, "--member", member, "--json").json["error"] == "no_such_member"
    assert shop.ok("doctor")["ok"]


def test_a_phone_can_come_where_no_history_keeps_it(shop):
    member = shop.ok("bind", "--phone", "-", "--consent", "membership", stdin=f"{PHONE}\n")["member"]
    assert shop.ok("member", "correct", member, "--phone", "-", stdin=f"{OTHER}\n")["phone"] == "139****5678"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("bind", "--phone", "123", "--consent", "membership"), "bad_phone"),
        (("bind", "--phone", PHONE, "--consent", "marketing"), "no_consent"),
        (("bind", "--phone", PHONE, "--consent", "everything"), "bad_purpose"),
        (("member", "show", PHONE), "no_such_member"),
        (("member", "erase", PHONE), "no_such_member"),
        (("sell", WATER, "--member", PHONE), "no_such_member"),
    ],
)
def test_refusals_say_why_and_keep_the_phone_to_themselves(shop, args, code):
    done = shop(*args, "--json")
    assert (done.code, done.json["error"]) == (1, code)
    assert PHONE not in done.out + done.err


def test_no_file_of_the_home_tells_a_phone_or_a_name(shop, tmp_path):
    """Whatever door they come in by, and after all was proved."""
    canaries, unit = {PHONE: "金丝雀甲", OTHER: "金丝雀乙"}, shop.ok("issue", WATER, "1")["first"]
    for phone, name in canaries.items():
        shop.ok("bind", "--phone", phone, "--name", name, "--card", f"卡{name}", "--consent", "membership,marketing")
        for refused in (("bind", "--phone", phone, "--consent", "membership"), ("scan", phone), ("scan", f"卡{name}")):
            shop(*refused)
        shop.ok("sell", WATER, "--member", phone)
        shop.ok("member", "show", f"{phone[-4:]} {name}")
        shop.ok("member", "reveal", f"卡{name}", "--reason", "the customer asked")
        parts = (phone[:3], phone[3:7], phone[7:])
        for spelt in (phone, f"+86 {phone}", " ".join(parts), "-".join(parts)):
            for command in (("member", "reveal", phone), ("void", unit)):
                done = shop(*command, "--reason", f"called {spelt}", "--json")
                assert done.json.get("error") == "phone_in_words", done.out
        adjusted = shop("points", "adjust", phone, "5", "--reason", f"called {phone}", "--json")
        assert adjusted.json["error"] == "phone_in_words"
        sales = tmp_path / "sales.csv"
        sales.write_text(f"date,customer_id,product_id,quantity,amount\n2026-11-01,{phone},{WATER},1,2\n", "utf-8")
        assert [one["reason"] for one in shop("replay", sales, "--json").json["refused"]]
        assert shop.ok("doctor", "--full")["ok"]
    shop.ok("member", "correct", PHONE, "--name", "金丝雀丙")
    shop.ok("member", "erase", OTHER)
    files = [path for path in shop.home.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    assert len(files) > 3 and len(content) > 100_000
    for secret in (*canaries, *(phone[3:] for phone in canaries), *canaries.values(), "金丝雀"):
        assert secret.encode() not in content, secret
