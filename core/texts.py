"""Words for every face: window, command line, receipts.

Texts are written in English in the source and translated by gettext; `use` chooses the language.
Core raises codes; `sentence` is the only place that makes sentences of them.
"""

from __future__ import annotations

import gettext
from pathlib import Path

from core.errors import StoreError

LANGUAGES = {"zh_CN": "简体中文", "zh_TW": "繁體中文", "en": "English"}
DEFAULT_LANGUAGE = "zh_CN"
"""Of a shop that chose none."""

LOCALES = Path(__file__).parent.parent / "resources" / "locale"

_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def use(language: str) -> None:
    """Speak a language of `LANGUAGES` from now on; English for any other."""
    global _current, _language
    _language = language
    _current = gettext.translation("store", LOCALES, [language], fallback=True)


def language() -> str:
    """The language that is spoken."""
    return _language


def language_of(locale_name: str) -> str:
    """The language nearest to a locale such as `zh_TW.UTF-8`."""
    name = locale_name.lower().replace("-", "_")
    if not name.startswith("zh"):
        return "en"
    return "zh_TW" if name.startswith(("zh_tw", "zh_hk", "zh_mo", "zh_hant")) else "zh_CN"


def mark(text: str) -> str:
    """Mark a text for translation where it is declared; `tr` translates it where it is shown."""
    return text


def tr(text: str, /, **values: object) -> str:
    """The text in the current language, its placeholders filled."""
    translated = _current.gettext(text)
    return translated.format(**values) if values else translated


def tr_in(language: str, text: str, /) -> str:
    """The text in another language than the current one: what a customer reads."""
    return gettext.translation("store", LOCALES, [language], fallback=True).gettext(text)


def sentence(error: StoreError) -> str:
    """What went wrong and what to do next, in the current language. Never echoes a payment code or a card number."""
    # Imported late: the window stands before anything can go wrong in it.
    from core.privacy import masked

    return tr(SENTENCES[error.code], **{name: masked(readable(value)) for name, value in error.params.items()})


def readable(value: object) -> str:
    """The value as text that can be written anywhere; bytes of a file's name that are no text are escaped."""
    return str(value).encode("utf-8", "backslashreplace").decode()


SENTENCES = {
    # Head office
    "no_hq": mark("This terminal belongs to no chain. Enrol it with head office's address and a token."),
    "bad_hq_url": mark("{text} is no address of a head office; it begins with https://."),
    "bad_token": mark(
        "Head office does not take this token for terminal {terminal} of store {store}. Ask for a new one."
    ),
    "already_enrolled": mark("This terminal belongs to the head office at {url} already."),
    "hq_unreachable": mark("Head office at {url} cannot be reached: {detail}. Nothing is lost; it is tried again."),
    "hq_unbelievable": mark("Somebody else answers in head office's place. Check the network; nothing is lost."),
    "hq_refuses": mark(
        "Head office does not take what this terminal sends ({reason}). Everything stays here; ask head office."
    ),
    "lost_key": mark("This terminal has lost its key. Ask head office for a new token, and join again."),
    "revoked": mark("Head office hears this terminal no more. Everything stays here; ask head office."),
    "hq_said": mark("Head office did not take this terminal in: {detail}."),
    "hq_away": mark("Head office cannot be reached. {count} facts wait here; nothing is lost."),
    "unsent": mark("{count} facts are not at head office yet. Send them first, or name a file for them with --export."),
    "bad_parcel": mark(
        "This is no file of facts for head office, or it is damaged. What came before the damage is taken in."
    ),
    "hq_database": mark("Head office's database does not work: {detail}"),
    "mixed_currencies": mark("The stores' amounts cannot be added up: {currencies}. Name one store."),
    "bad_listen_address": mark("{text} is no address to listen on. Give HOST:PORT."),
    "cannot_listen": mark("Nobody can listen on {address}: {detail}."),
    "tls_needs_both": mark("TLS needs a certificate and its key; only one of them was named."),
    # Scanning and the cart
    "empty_scan": mark("Nothing was scanned. Try again."),
    "unknown_product": mark("{code} is not in the catalogue. Add it under goods, or check the code."),
    "unknown_code": mark("{code} is no code that this shop knows. Scan again or type it."),
    "payment_code": mark("This is a customer's payment code, not goods. Nothing of it was kept."),
    "phone_in_words": mark("There is a phone number in this text. It would stay for ever; write it without."),
    "card_number": mark("This looks like a card number; it is never kept."),
    "payment_or_scale": mark(
        "This is a customer's payment code, or a scale's label that does not fit today's price. Weigh the goods again."
    ),
    "damaged_link": mark("The link was damaged on its way. Check the scanner's keyboard layout, then scan again."),
    "unreadable_code": mark(
        "The code has characters that no code of ours has. Switch the input method off, scan again."
    ),
    "no_item_in_code": mark("There is no item in this code."),
    "gtin_length": mark("The item number in the link has not exactly 14 digits, so it cannot be trusted."),
    "bad_gs1": mark("The code breaks the rules of GS1 and cannot be trusted. Type the number under the bars."),
    "price_unknown": mark("{name} has no price yet. Give a price."),
    "bad_quantity": mark("A quantity of {quantity} is not possible; it must be 1 to {most}."),
    "quantity_fixed": mark("The quantity of {name} follows from its code or receipt. Remove the line instead."),
    "bad_discount": mark("The discount on {name} is more than the line, or the line is a return."),
    "cart_full": mark("The cart is full. Finish this sale and open another."),
    "too_much_at_once": mark("This is too much to be recorded in one step. Do it in two."),
    "cart_changed": mark("A line on the screen was not saved. Look at the cart, scan it again, then take the money."),
    "cart_empty": mark("There is nothing in the cart."),
    "bad_line": mark("The line {name} does not add up."),
    "no_such_line": mark("There is no line {n} in the cart."),
    "total_too_large": mark("The total is too large to be true."),
    "form_changed": mark("This sale was already recorded with other contents. Look it up before you do it again."),
    # Paying
    "not_paid": mark("{due} is still to be paid."),
    "cash_below_total": mark("{given} is less than the {due} to be paid."),
    "cash_unlikely": mark("{given} for {due}? Type the amount that was handed over."),
    "cash_not_owed": mark("Nothing is left to be paid in cash. Give the cash back."),
    "tender_too_large": mark("{amount} is not between 0 and the {due} to be paid; only cash gives change."),
    "refund_differs": mark("The amounts do not add up to the {due} that goes back."),
    "bad_reference": mark("A payment's reference has at most 64 printable characters."),
    "payment_code_kept": mark(
        "This is the customer's payment code. Enter the number on the payment's receipt instead."
    ),
    "card_number_kept": mark(
        "This looks like a card number; it is never kept. Enter the terminal's reference instead."
    ),
    # Members
    "bad_phone": mark("This is no mobile number. Type it again; one from abroad begins with + and the country code."),
    "bad_member_name": mark("A member's name has at most {most} characters, in one line."),
    "bad_card": mark("A card's number has at most {most} characters, in one line."),
    "bad_purpose": mark("“{text}” is nothing that can be agreed to. Choose of: {purposes}."),
    "no_consent": mark("Nobody becomes a member without agreeing to that. The sale goes on as it is."),
    "already_member": mark("Somebody with this phone or card is a member here already. Open their page."),
    "member_exists": mark("There is a member of this number already."),
    "member_left": mark("This member has left; nothing more is kept of them."),
    "no_such_member": mark("No member here has this phone, card or number. The sale goes on without."),
    "several_members": mark("{count} members have this name and these digits. Ask for the whole number."),
    "bad_touchpoint": mark(
        "“{text}” cannot be a touchpoint: 1 to 20 letters, digits, - and _, and a name of 1 to {most} characters."
    ),
    "bad_touchpoint_kind": mark("“{text}” is no kind of touchpoint. Choose of: {kinds}."),
    "no_such_touchpoint": mark("There is no touchpoint {text}, or nothing happens there any more."),
    "counter_stays": mark("The counter is always there."),
    "bad_credit_rule": mark("A part is 0 to 100 %, and days are 0 to {most}."),
    "bad_credit_parts": mark("Name each person once, with a share above 0: G1=1 G2=1 is half and half."),
    "before_credit": mark("Receipt {receipt} is from before sales were credited to anybody."),
    "bad_points_rule": mark(
        "Amounts are 0 or more, a point takes off at most what is spent for it, and the most it may take off is 0 to"
        " 100 %."
    ),
    "bad_points": mark("Give a number of points, with - in front to take some away."),
    "points_need_member": mark("Points are a member's. Find the member first, with F6."),
    "no_points_yet": mark("Points cannot be used in this shop yet."),
    "too_many_points": mark("They have {points} points, and {most} of these can be used now."),
    "rewards_changed": mark(
        "Points or the coupon can no longer be used like this. Look at the cart, then take the money."
    ),
    "bad_coupon": mark("A coupon takes something off, and it ends today or later."),
    "no_such_coupon": mark("{coupon} is no coupon that this till knows."),
    "coupon_used": mark("Coupon {coupon} was used already, on receipt {receipt}."),
    "coupon_over": mark("Coupon {coupon} ended on {until}."),
    "coupon_of_another": mark("Coupon {coupon} is a member's. Find them first, with F6."),
    "coupon_least": mark("This coupon needs goods for {least} or more."),
    "bad_hand_over": mark("Say whose members are handed over, and to whom."),
    "no_such_invitation": mark("No such code was shown here."),
    "no_wechat": mark("Head office does not know WeChat yet."),
    "wechat_unreachable": mark("WeChat cannot be reached: {detail}"),
    "wechat_refused": mark("WeChat refuses: {number} {detail}"),
    "same_member": mark("They are known as one person already."),
    "nothing_chosen": mark("Nothing was chosen. Choose what this is about."),
    "no_record": mark("The record of this member is not on this terminal, or its key is lost."),
    "vault_locked": mark(
        "The key of the members' records is not there. Unlock the system's keyring, then try again; sales go on."
    ),
    # Returns and receipts
    "no_such_receipt": mark("There is no receipt {receipt} here."),
    "not_on_receipt": mark("{code} is not on receipt {receipt}."),
    "more_than_sold": mark("{name}: {sold} sold, {left} still with the customer; more cannot come back."),
    "nothing_left": mark("Everything on receipt {receipt} has already come back."),
    "return_changed": mark("Something else came back on receipt {receipt} meanwhile. Start the return again."),
    # Unit codes
    "unit_sold": mark("{unit} is sold already, on receipt {receipt}. Take it back first, if it came back."),
    "unit_void": mark("{unit} is void. Put the item aside and issue a new code for it."),
    "unit_frozen": mark("{unit} is frozen and must not be sold. Put the item aside and ask a manager."),
    "unit_not_on_sale": mark("{unit} is not on sale yet. Put it on sale first."),
    "unit_in_cart": mark("{unit} is in the cart already; it is one item."),
    "unit_twice": mark("{unit} stands here twice; it is one item."),
    "unit_forged": mark("{unit} is no code of this shop, although it looks like one. Keep the item and ask a manager."),
    "unit_altered": mark("{unit} belongs to another item: the label was altered or mixed up. Ask a manager."),
    "unit_needs_symbol": mark(
        "{unit} was issued at another till. Scan its symbol; the number alone does not say what it is."
    ),
    "unit_unknown": mark("{unit} is no code that this till knows. Scan it again, or check where it comes from."),
    "recalled": mark("Head office lets nobody sell {name}: {reason}"),
    "unit_revoked": mark(
        "{unit} is a code of a till that left the chain before it used it. Do not sell it; tell head office."
    ),
    "unit_sold_elsewhere": mark("{unit} is sold already, at {till}, on receipt {receipt}."),
    "unit_bought_elsewhere": mark(
        "{unit} was sold at {till}, on receipt {receipt}. It comes back there; or without a receipt, which only a"
        " manager may do."
    ),
    "unit_not_sold": mark("{unit} is not with a customer, as far as this till knows. Look at the receipt."),
    "unit_already": mark("{unit} is so already."),
    "unit_asked": mark("{code} was sold item by item. Scan the code of the one that comes back."),
    "too_many_units": mark("Give 1 to {most} codes at a time."),
    "no_gtin": mark("{name} has no barcode number (GTIN) of its own, and a unit code begins with it."),
    "bad_count": mark("{count} codes are not possible; it must be 1 to {most}."),
    "bad_part": mark("Batch {batch} has {issued} codes; say which of them: BATCH, or BATCH:FIRST-LAST."),
    "no_such_batch": mark("There is no batch {batch} here."),
    "batch_already": mark("Batch {batch} is so already."),
    "code_taken": mark("{unit} is in the register already."),
    "code_of_other_item": mark("{unit} is the number of an item, or of another one, and cannot be a code of this one."),
    "bad_unit_code": mark("“{text}” cannot be a unit's code: 4 to 64 letters, digits and signs, no spaces."),
    "bad_range": mark(
        "{first} to {last} is no range: the same beginning, as many digits, and not above 20,000,000 codes."
    ),
    "no_codes": mark("There is no code in {file} that can be taken in."),
    "codes_refused": mark("{count} codes cannot be taken in; nothing was changed. Mend them, or leave them out."),
    "bad_reason": mark("“{text}…” is longer than a reason may be."),
    "no_such_matter": mark("Nothing of the name {text} waits to be settled, or more than one thing does."),
    "bad_outcome": mark("“{text}” is not how this ends; it may be: {outcomes}."),
    "unknown_command": mark("“{text}” is nothing that a till can be asked to do."),
    "not_settled_here": mark("Only head office can put this right."),
    "row_unreadable": mark("It cannot be read: {detail}"),
    "issue_stopped": mark("It was stopped before the first code; nothing was issued."),
    "issue_unfinished": mark(
        "{issued} of the {asked} codes of batch {batch} are in the register, the rest is not."
        " Free some space, then issue the rest of it."
    ),
    "label_too_small": mark(
        "The symbol needs {needed} mm each way so that scanners can read it;"
        " this label has {width} × {height} mm for it."
    ),
    "bars_too_wide": mark(
        "Bars that scanners can read need {needed} mm; this label has {width} mm. Leave the bars out."
    ),
    "bars_not_ean13": mark("{code} is no EAN-13; there are no bars for it. Leave the bars out."),
    "bad_label": mark("There is no such label. Papers: {labels}. Fields: {fields}."),
    "made_elsewhere": mark("The codes of batch {batch} were made elsewhere; their labels are not printed here."),
    "bad_start": mark("This sheet has {labels} labels; begin with one from 1 to {labels}."),
    "labels_unmarked": mark(
        "{file} is written, but the register does not know yet that these codes are printed: {detail}"
    ),
    "codes_unprinted": mark("The codes of batch {batch} are issued, but not printed: {detail}"),
    "printer_broke": mark(
        "The printer {printer} broke off. At most {sent} of {count} labels came out. Print from the last one that did,"
        " by its serial: {batch}:SERIAL-; or all of them again: {batch}:{first}-"
    ),
    "no_item_chosen": mark("Choose the item first: scan it, or look for it."),
    "no_label": mark("The label cannot be printed like this. Choose another paper, or leave fields out."),
    "no_codes_chosen": mark("Choose a file, or type the first and the last code of a range."),
    "batch_frozen": mark("{unit} is frozen together with its batch {batch}. Release the batch."),
    "code_of_own_host": mark("{unit} leads to this shop's own host; such codes are issued, and not taken in."),
    "unit_on_receipt": mark("{unit} was sold on receipt {receipt}; it comes back from there, at what was paid for it."),
    "said_of_units": mark("This is said of single units, not of batch {batch}. Give their codes."),
    "said_of_whole": mark("This is said of batch {batch} as a whole, or of single units by their codes."),
    "one_file_twice": mark("Two kinds of labels cannot go into one file."),
    "issue_what": mark("Say which item and how many codes, issue GTIN COUNT; or of which batch, issue --batch BATCH."),
    "take_in_what": mark("Say of which item, --gtin GTIN, and a file or the first and the last code of a range."),
    "number_rounded": mark(
        "Row {row} of {file} holds the number {text}, of which the spreadsheet lost digits. Format the column as text"
        " and fill it in anew."
    ),
    "label_too_full": mark("So much does not fit on this label in letters that can be read. Leave fields out."),
    "take_in_unfinished": mark(
        "{issued} of the {asked} codes of batch {batch} are taken in, the rest is not. Free some space, then take the"
        " same file in again; it goes on there."
    ),
    "bad_address": mark("“{text}” is no printer's address; write HOST, or HOST:{port}."),
    "print_stopped": mark("Stopped: {printed} of {count} labels came out."),
    "printer_unreachable": mark("The printer {printer} cannot be reached: {detail}. Nothing was printed."),
    "symbol_differs": mark(
        "The symbol of {code} is not what it must be. Nothing was printed; tell who looks after the program."
    ),
    # Goods
    "product_exists": mark("{code} is already in the catalogue. Choose it there to change it."),
    "bad_code": mark("“{text}” cannot be an item's code: 1 to 40 letters, digits and signs, no spaces."),
    "bad_gtin": mark("“{text}” is no valid barcode: its check digit or its length is wrong."),
    "no_code": mark("The row has no code."),
    "code_twice": mark("{code} stands in the file twice; first in row {row}."),
    "bad_name": mark("“{text}…” is longer than a name may be."),
    "bad_price": mark("A price cannot be below zero."),
    "row_too_short": mark("The row has too few columns."),
    "import_unfinished": mark(
        "{file} is taken in, but the disk refused before all of it was in the list. The rest follows at the next start."
    ),
    "import_stopped": mark("The import was stopped; the catalogue is as it was."),
    "rows_refused": mark("{count} rows cannot be taken in; nothing was changed. Mend them, or leave them out."),
    # People
    "bad_person": mark("“{text}” cannot be a person's number: 1 to 20 letters, digits, - and _."),
    "person_exists": mark("“{staff}” already works here. Choose another number, or change that person."),
    "bad_person_name": mark("“{text}” cannot be a person's name: 1 to 40 characters."),
    "bad_role": mark("“{text}” is no role; choose one of: {roles}."),
    "last_manager": mark("{name} is the only manager. Make somebody else a manager first."),
    "no_such_person": mark("“{staff}” does not work here."),
    "not_allowed": mark("{name} may not do that. Ask a manager."),
    "no_pin": mark("There is no PIN yet. Ask a manager for one."),
    "bad_pin": mark("A PIN has 4 to 8 digits."),
    "simple_pin": mark("This PIN is the first that anybody tries. Choose another."),
    "wrong_pin": mark("The PIN is wrong."),
    "pin_blocked": mark("Too many wrong PINs. Wait {seconds} seconds."),
    "pin_spent": mark("Too many wrong PINs. A manager must give a new one."),
    # Files
    "file_unreadable": mark("{file} cannot be read: {detail}."),
    "file_unwritable": mark("{file} cannot be written: {detail}."),
    "file_empty": mark("{file} is empty."),
    "file_too_large": mark("{file} is too large. Split it."),
    "file_cut": mark("{file} ends in the middle. Save or copy it once more."),
    "bad_encoding": mark("{file} is no text and no spreadsheet. Save it as CSV or XLSX."),
    "bad_csv": mark("{file} is not well-formed in row {row}. Save it once more as CSV."),
    "bad_xlsx": mark("{file} is not a whole XLSX file. Save it once more."),
    "old_xls": mark("{file} is an old Excel file. Save it as XLSX."),
    "no_header": mark(
        "{file} has no header row with a column for codes, such as barcode or 条码. Add one, or say which column it is."
    ),
    "no_columns": mark("{file} needs the columns {columns}."),
    "terminal_needs_store": mark("Say which store the terminal is in."),
    "no_code_column": mark("{file} has no column with codes, such as uri or code. Say which column it is."),
    "no_file": mark("Say which file the label goes into: --pdf FILE."),
    "no_such_column": mark("{file} has no column “{column}”."),
    "no_column": mark("{file} has no column “{column}”; a transactions file needs date, product_id, quantity, amount."),
    "bad_quantity_in_file": mark("“{text}” is no whole quantity, or its sign is not that of the amount."),
    # Values
    "bad_amount": mark("“{text}” is no amount of money."),
    "bad_rate": mark("“{text}” is no rate; write 13% or 0.13."),
    "bad_date": mark("“{text}” is no date; write 2026-11-23."),
    "bad_period": mark("The period ends ({end}) before it starts ({start})."),
    "bad_item": mark("“{text}” is no item; write CODE, CODE*QUANTITY or CODE*QUANTITY@PRICE."),
    "bad_map": mark("“{text}” is no mapping; write FIELD=COLUMN with a field of: {fields}."),
    # The shop
    "not_set_up": mark("There is no shop in {home} yet. Run: main.py setup --store S --terminal T"),
    "already_set_up": mark("This folder already belongs to shop {store}. Choose another with --home."),
    "bad_name_of_store": mark("“{text}” cannot name a shop or a terminal: 1 to 12 letters, digits and _."),
    "bad_currency": mark("“{text}” is no currency code of ISO 4217, such as CNY."),
    "bad_timezone": mark("“{text}” is no time zone, such as Asia/Shanghai."),
    "unknown_setting": mark("There is no setting “{name}”."),
    "fixed_setting": mark("{name} is fixed when the shop is set up."),
    "bad_setting": mark("“{text}” does not fit {name}; expected: {form}."),
    # The world
    "home_in_use": mark("Another window or command is writing in {home}. Close it, or wait until it has finished."),
    "home_unusable": mark("The folder {home} cannot be used: {detail}."),
    "file_newer": mark("{file} was written by a newer version of the program ({version} > {known}). Update this one."),
    "not_a_store": mark("{file} is not a file of this program. Choose another folder with --home."),
    "file_busy": mark("Another program is writing to {file}. Nothing was saved; try again."),
    "file_read_only": mark("{file} cannot be written to. Nothing was saved; check its permissions."),
    "file_damaged": mark("{file} is damaged. Nothing was saved; run main.py doctor and restore a backup."),
    "setting_damaged": mark(
        "The setting {name} was changed behind the program's back: “{text}”. Run main.py doctor and restore a backup."
    ),
    "answer_unwritable": mark("Done, but the answer cannot be written: {detail}. Look it up before you do it again."),
    "file_closed": mark("{file} cannot be opened. Check the disk and the folder's permissions."),
    "disk_failed": mark(
        "The disk reports an error at {file}. The last step may not be saved: look it up before repeating."
    ),
    "disk_full": mark("The disk is full. Nothing was saved; free some space and press again."),
    "sqlite_unsafe": mark("This SQLite ({version}) can lose data. Install the pinned pysqlite3."),
    "no_screen": mark("There is no screen here. The command line does all that the window does: main.py --help"),
    "qt_missing": mark("A system library for the window is missing ({detail}). Install: {packages}"),
    "printer_failed": mark(
        "The printer {printer} does not answer. Check its cable, paper and cover, then print again."
    ),
    "glyph_missing": mark("The font has no sign for “{text}”; it cannot be printed."),
}
"""Sentence of each code; tests hold them against the codes that are raised."""
