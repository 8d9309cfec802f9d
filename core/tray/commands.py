"""What a person can say of a matter."""

from __future__ import annotations

from core.events import Head, MatterSettled
from core.privacy import clean_words
from core.tray.matters import Matter, check_outcome


def settle(head: Head, matter: Matter, outcome: str, note: str) -> MatterSettled:
    """The fact that somebody answered for a matter.

    Raises:
        RefusedError: `bad_outcome`, `bad_reason`, `payment_code`, `card_number`.
    """
    return MatterSettled(
        head=head,
        subject=matter.subject,
        matter=matter.what,
        ops=matter.ops,
        outcome=check_outcome(matter, outcome),
        note=clean_words(note),
    )
