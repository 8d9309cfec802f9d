"""Matters: what somebody in the shop should look at, in words, and what can be said of each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import RefusedError
from core.events import Outcome
from core.texts import mark


class MatterKind(StrEnum):
    """What a matter is about."""

    CONFLICT = "conflict"
    """What cannot all be true of a unit."""
    FINDING = "finding"
    """A fact that does not count at head office as it says."""
    OVERSPENT = "overspent"
    """More points or coupons were used than there were."""
    TWINS = "twins"
    """Two members with one phone."""
    DISPUTE = "dispute"
    """Somebody asks whose a sale is."""
    HISTORY = "history"
    """What happened to this till, or to head office, and may surprise somebody."""
    NOTICE = "notice"
    """Something that head office wants to be read."""
    REFUSED = "refused"
    """What head office says, and cannot hold here."""


CONFLICTS: Mapping[str, str] = {
    "sold_twice": mark("sold twice"),
    "returned_twice": mark("returned twice"),
    "void_sold": mark("sold, and void"),
}
REASONS: Mapping[str, str] = {
    "unreadable": mark("cannot be read"),
    "unknown": mark("is of a kind that this head office does not know yet"),
    "unfit": mark("says what cannot be"),
    "op_taken": mark("has the id of another fact, and does not count"),
    "tenders_differ": mark("its payments are not what its lines come to; the lines count"),
    "tax_differs": mark("its tax is not that of its lines"),
    "not_whole": mark("the till found that something of its own is not whole"),
}
TWINS: Mapping[str, str] = {"one_phone": mark("two members have one phone")}
OVERSPENTS: Mapping[str, str] = {
    "points_overspent": mark("more points were used than there were"),
    "coupon_twice": mark("a coupon was used more than once"),
}
DISPUTES: Mapping[str, str] = {"credit_disputed": mark("asks for the credit of a sale")}
HISTORIES: Mapping[str, str] = {
    "restored": mark("this till was brought back from an older copy"),
    "cloned": mark("this till was copied, or brought back from an older copy"),
    "lost_key": mark("this till lost its key, and joined again"),
    "revoked": mark("a till was taken out of the chain"),
    "hq_restored": mark("head office was brought back from an older copy"),
}
"""Texts to be translated: what is the matter."""

NEXT: Mapping[str, str] = {
    "sold_twice": mark(
        "Look whether the label of another item was scanned. If the same item was sold again after it came back,"
        " take the first sale back by its receipt."
    ),
    "returned_twice": mark("Money was given back twice for one sale. Compare both slips, and ask who gave it."),
    "void_sold": mark("Its code was made void, and it was sold all the same. Look why, and whether the item is ours."),
    "unreadable": mark("Nothing is lost: the till has it. Tell whoever looks after your tills."),
    "unknown": mark("Head office needs a newer version; then it counts by itself."),
    "unfit": mark("Nothing is lost: the till has it. Tell whoever looks after your tills."),
    "op_taken": mark("A copy of a till was at work. Compare the slip with the money of that day."),
    "tenders_differ": mark("Compare the slip with the money of that day."),
    "tax_differs": mark("The amounts count as they are. Tell whoever looks after your tills."),
    "not_whole": mark("Keep the till's folder as it is, and tell whoever looks after your tills."),
    "points_overspent": mark(
        "Two tills that did not hear each other took the same points. The sales stand; what the member earns from now"
        " on makes up for it."
    ),
    "coupon_twice": mark(
        "Two tills that did not hear each other took it. Look whether it was copied; the sales stand."
    ),
    "one_phone": mark(
        "Ask them. The same person keeps what both agree to, under whoever was bound first; this can be undone on their"
        " page. A number may also have gone to somebody else."
    ),
    "credit_disputed": mark("Ask who served. Then decide who is credited, or leave it as it is."),
    "restored": mark("Nothing is lost. What was sold after that copy is at head office, and is not shown here."),
    "cloned": mark("Head office counts each sale once. If there are two of it, see to it that only one is used."),
    "lost_key": mark("Nothing is lost, and nothing has to be done."),
    "revoked": mark("Nothing that it sends is taken any more, and codes that it had not issued yet are void."),
    "hq_restored": mark("Nothing has to be done: what it lacked was sent again."),
    "notice": mark("Tell those whom it concerns."),
    "refused": mark("Head office said it, and it cannot hold here. Tell head office."),
}
"""Texts to be translated: what to do next."""

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.OTHER_ITEM: mark("Another item's label"),
    Outcome.CORRECTED: mark("Put right"),
    Outcome.UNEXPLAINED: mark("Cannot be found out"),
    Outcome.SAME_PERSON: mark("The same person"),
    Outcome.TWO_PEOPLE: mark("Two people"),
    Outcome.SEEN: mark("Seen"),
}
"""Texts to be translated: how it ended."""


@dataclass(frozen=True, slots=True)
class Party:
    """One of those who say something of a unit, at a time (ms since the epoch); a void has no receipt."""

    op: str
    store: str
    terminal: str
    receipt: str
    at: int


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that somebody should look at.

    Attributes:
        what: what is the matter (`CONFLICTS`, `REASONS`); of what was refused, the scope.
        subject: key of the unit; SHA-256 of the fact, hexadecimal; what head office speaks of.
        at: ms since the epoch; 0 where it is not known.
        parties: who says something of the unit; what the first says holds.
        code: GTIN-14 of the unit; empty where nobody said it.
        terminal, fact, detail: of a fact: whose it is, its kind, and what is wrong in detail; a notice's text; of a
            dispute, who asks and why.
        error: why something was refused.
    """

    kind: MatterKind
    what: str
    subject: str
    at: int = 0
    parties: tuple[Party, ...] = ()
    code: str = ""
    terminal: str = ""
    fact: str = ""
    detail: str = ""
    error: RefusedError | None = None

    @property
    def key(self) -> str:
        """Its name."""
        return f"{self.what}:{self.subject}"

    @property
    def ops(self) -> tuple[str, ...]:
        """Ids of the facts that cannot all be true."""
        return tuple(party.op for party in self.parties)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """How it may end."""
        if self.kind is MatterKind.REFUSED:
            return ()
        if self.kind is MatterKind.TWINS:
            return (Outcome.SAME_PERSON, Outcome.TWO_PEOPLE)
        if self.kind in (MatterKind.FINDING, MatterKind.DISPUTE, MatterKind.HISTORY, MatterKind.NOTICE):
            return (Outcome.SEEN,)
        other = (Outcome.OTHER_ITEM,) if self.what == "sold_twice" else ()
        return (*other, Outcome.CORRECTED, Outcome.UNEXPLAINED)


def check_outcome(matter: Matter, outcome: str) -> Outcome:
    """How a matter ended, if it may end so.

    Raises:
        RefusedError: `bad_outcome`; `not_settled_here` where only head office can put it right.
    """
    if not matter.outcomes:
        raise RefusedError("not_settled_here")
    if outcome not in matter.outcomes:
        raise RefusedError("bad_outcome", text=outcome[:40], outcomes=", ".join(matter.outcomes))
    return Outcome(outcome)
