"""The pages that are about people, in their main states: members and guides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from core.events import Purpose
from core.members.invitation import InvitationState
from core.shop.invitations import Invitation
from core.shop.terminal import Actor
from tests.builders import Shop
from tests.patience import until
from tests.stage import GUIDE, MANAGER, Stage
from ui.window import Window


def _members(stage: Stage, colours: str, entry: str = "", by: Actor = MANAGER, *, then: str = "") -> Window:
    """Somebody is looked for; `then` is what is done with whoever is found, or may become a member."""
    window = stage.window(by, colours)
    window.open_room("members")
    presenter = window.presenter("members")
    until(lambda: bool(presenter.state.rows))
    if entry:
        presenter.type(entry)
        until(lambda: bool(presenter.state.card or presenter.state.draft))
    if then in ("code", "refused"):
        state = InvitationState.SHOWN if then == "code" else InvitationState.REFUSED
        link = "HTTPS://ID.EXAMPLE.COM/B/K7M2QX9RTW4H"
        now = stage.terminal.clock.now_ms()
        presenter._show(invitation=Invitation("K7M2QX9RTW4H", state, link, now, now + 600_000, "G01"))
    if then == "agree":
        presenter.type_name("欧阳明月")
        presenter.toggle(Purpose.MEMBERSHIP)
        presenter.toggle(Purpose.CONTACT)
    elif then == "correct":
        presenter.begin_correction()
        presenter.correct(name="欧阳明月")
    elif then == "give":
        presenter.begin_gift()
        presenter.give(points="100", reason="生日")
    elif then == "erase":
        presenter.disclose()
        until(lambda: bool(presenter.state.clear) and len(presenter.state.card.history) > 1)
        presenter.erase()
    return window


def _guides(stage: Stage, colours: str, by: Actor = MANAGER, then: str = "") -> Window:
    """A guide's day; `then` is what is filled in about the first sale."""
    today = stage.terminal.read(lambda view: view.today()).result()
    Shop(stage.terminal).hear("credits", **{f"{today}:T2:{GUIDE.staff}": {"amount": 123_450}})
    Shop(stage.terminal).hear("targets", **{f"{today}:{GUIDE.staff}": {"net": 500_000}})
    window = stage.window(by, colours)
    window.open_room("guides")
    presenter = window.presenter("guides")
    until(lambda: presenter.state.day is not None)
    if by is MANAGER:
        presenter.look_at([one.id for one in presenter.state.people].index(GUIDE.staff))
        until(lambda: presenter.state.day.person == GUIDE.staff)
    if then:
        presenter.choose(0)
        until(lambda: presenter.state.why is not None)
        presenter.begin("" if then in ("why", "code") else then)
    if then == "code":
        presenter._show(code="HTTPS://ID.EXAMPLE.COM/B/K7M2QX9RTW4HK7M2")
    Shop(stage.terminal).hear("credits")
    Shop(stage.terminal).hear("targets")
    return window


PEOPLE: Mapping[str, Callable[[Stage, str], Window]] = {
    "members": _members,
    "members-guide": partial(_members, by=GUIDE),
    "members-card": partial(_members, entry="13800000001"),
    "members-new": partial(_members, entry="13912345678"),
    "members-agree": partial(_members, entry="13912345678", then="agree"),
    "members-code": partial(_members, then="code"),
    "members-code-refused": partial(_members, then="refused"),
    "members-correct": partial(_members, entry="13800000003", then="correct"),
    "members-give": partial(_members, entry="13800000001", then="give"),
    "members-erase": partial(_members, entry="13800000002", then="erase"),
    "guides": _guides,
    "guides-own": partial(_guides, by=GUIDE, then="why"),
    "guides-why": partial(_guides, then="why"),
    "guides-decide": partial(_guides, then="decide"),
    "guides-dispute": partial(_guides, then="dispute"),
    "guides-code": partial(_guides, then="code"),
    "guides-hand-over": partial(_guides, then="hand_over"),
}
