"""QR symbols of many payloads that differ in their last characters only, bit for bit those of `qrcode`.

For payloads of one length a symbol is an affine function, over GF(2), of the payload's bits. A table built once by
asking `qrcode` turns each further payload into a few XORs of whole symbols. A symbol is one Python integer: a bit a
module, dark = 1, row by row from the top, the leftmost the lowest, and one bit of nothing behind each row.

The mask is the one that `qrcode` would choose. It scores symbols whose format bits are blank, unlike the standard's
text (ISO/IEC 18004:2015 §7.8.3); every mask can be read, and equality with `qrcode` is what can be proved.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from core.errors import BrokenWorldError

QUIET = 4
"""Modules that stay light on each side of a symbol (ISO/IEC 18004:2015 §9.1)."""

ALPHANUMERIC = frozenset(string.digits + string.ascii_uppercase + " $%*+-./:")

_SIGNS = string.digits + string.ascii_uppercase + " $%*+-./:"
_MASKS = range(8)


class SymbolTable:
    """Symbols of payloads that begin alike, EC level M, in the smallest version that holds them.

    Args:
        prefix: what all payloads begin with; ASCII.
        length: characters that follow.

    Attributes:
        side: modules of a symbol's side, without its quiet zone.
    """

    def __init__(self, prefix: str, length: int) -> None:
        # Imported late: a till that issues no codes needs it not.
        import qrcode

        self._prefix, self._length = prefix, length
        self.is_alphanumeric = ALPHANUMERIC.issuperset(prefix)
        self._qr: Any = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
        blank = prefix + "0" * length if self.is_alphanumeric else prefix + "\0" * length
        self._load(blank)
        self.side: int = 4 * self._qr.best_fit() + 17
        self._qr.version = (self.side - 17) // 4
        self._stride = self.side + 1
        self._slots = list(self._build(prefix, length))
        self._penalty = _Penalty(self.side)

    def symbols(self, tails: Iterable[str]) -> list[int]:
        """The symbols of payloads that end so, in order."""
        slots, scored, finished, choose = self._slots, self._scored, self._finished, self._penalty.choose
        found = []
        for tail in tails:
            content = 0
            for start, end, table in slots:
                content ^= table[tail[start:end]]
            found.append(finished[choose(scored, content)] ^ content)
        return found

    def symbol(self, tail: str) -> int:
        """The symbol of one payload."""
        return self.symbols([tail])[0]

    def rows(self, symbol: int) -> list[int]:
        """The rows of a symbol from the top; in each the lowest bit is the leftmost module."""
        stride, full = self._stride, (1 << self.side) - 1
        return [symbol >> row * stride & full for row in range(self.side)]

    def check(self, tails: Sequence[str]) -> None:
        """Encode a few of a batch by `qrcode` itself, too.

        Raises:
            BrokenWorldError: `symbol_differs`; nothing of the batch may be printed.
        """
        for place in sorted({0, len(tails) // 2, len(tails) - 1}):
            if self.symbol(tails[place]) != self._packed(self._made(tails[place])):
                raise BrokenWorldError("symbol_differs", code=self._prefix + tails[place])

    def _made(self, tail: str) -> list[list[bool]]:
        """The modules as `qrcode` makes them."""
        self._load(self._prefix + tail)
        self._qr.make(fit=False)
        modules: list[list[bool]] = self._qr.modules
        return modules

    def _load(self, payload: str) -> None:
        from qrcode import util

        self._qr.clear()
        mode = util.MODE_ALPHA_NUM if self.is_alphanumeric else util.MODE_8BIT_BYTE
        self._qr.add_data(util.QRData(payload.encode("ascii"), mode=mode, check_data=False), optimize=0)

    def _build(self, prefix: str, length: int) -> Iterator[tuple[int, int, Mapping[str, int]]]:
        """Sets what is alike of all symbols, and yields the tables: where in a tail each looks, and what it finds."""
        place_of = self._places()
        # In alphanumeric mode two characters share eleven bits, also one of the prefix with the first behind it.
        whole = len(prefix) + length
        begin = len(prefix) - len(prefix) % 2 if self.is_alphanumeric else len(prefix)
        zero = "0" if self.is_alphanumeric else "\0"
        blank = prefix[:begin] + zero * (whole - begin)
        base = self._codewords(blank)
        self._scored = [self._packed(self._modules(base, mask, blank_format=True)) for mask in _MASKS]
        self._finished = [self._packed(self._modules(base, mask, blank_format=False)) for mask in _MASKS]

        def effect(text: str, start: int) -> int:
            """What a text at a place changes of the symbol."""
            payload = blank[:start] + text + blank[start + len(text) :]
            changed = self._codewords(payload)
            content = 0
            for number, (before, after) in enumerate(zip(base, changed, strict=True)):
                for bit in range(8):
                    if (before ^ after) >> (7 - bit) & 1:
                        content ^= 1 << place_of[8 * number + bit]
            return content

        step = 2 if self.is_alphanumeric else 1
        for start in range(begin, whole, step):
            end = min(start + step, whole)
            shared = max(0, len(prefix) - start)
            table = _pairs(effect, start, end) if self.is_alphanumeric else _bytes(effect, start)
            wanted = {text[shared:]: content for text, content in table if text[:shared] == prefix[start:][:shared]}
            yield max(0, start - len(prefix)), end - len(prefix), wanted

    def _places(self) -> list[int]:
        """Where `qrcode` puts each bit of the codewords: pass k writes bit k of each bit's own number."""
        from qrcode import base

        blocks = base.rs_blocks(self._qr.version, self._qr.error_correction)
        count = 8 * sum(block.total_count for block in blocks)
        empty = self._packed(self._modules(bytes(count // 8), 0, blank_format=True))
        places: dict[int, int] = {}
        for k in range((count + 1).bit_length()):
            bits = "".join(str((number + 1) >> k & 1) for number in range(count))
            numbered = int(bits, 2).to_bytes(count // 8, "big")
            marked = self._packed(self._modules(numbered, 0, blank_format=True)) ^ empty
            for place in range(self.side * self._stride):
                if marked >> place & 1:
                    places[place] = places.get(place, 0) | 1 << k
        place_of = [0] * count
        for place, number in places.items():
            place_of[number - 1] = place
        return place_of

    def _codewords(self, payload: str) -> list[int]:
        from qrcode import util

        self._load(payload)
        words: list[int] = util.create_data(self._qr.version, self._qr.error_correction, self._qr.data_list)
        return words

    def _modules(self, codewords: Sequence[int], mask: int, *, blank_format: bool) -> list[list[bool]]:
        self._qr.data_cache = codewords
        self._qr.makeImpl(blank_format, mask)
        modules: list[list[bool]] = self._qr.modules
        return modules

    def _packed(self, modules: Sequence[Sequence[bool]]) -> int:
        packed = 0
        for row, cells in enumerate(modules):
            for column, dark in enumerate(cells):
                if dark:
                    packed |= 1 << row * self._stride + column
        return packed


@cache
def table_for(prefix: str, length: int) -> SymbolTable:
    """The table of payloads that begin so; built once, in some hundredths of a second."""
    return SymbolTable(prefix, length)


def _pairs(effect: Callable[[str, int], int], start: int, end: int) -> Iterator[tuple[str, int]]:
    """Two alphanumeric characters, eleven bits; or the last one alone, six."""
    alone = end - start == 1
    bits = [_SIGNS[1 << bit] if alone else _pair(1 << bit) for bit in range(6 if alone else 11)]
    effects = [effect(text, start) for text in bits]
    found = [0]
    for value in range(1, len(_SIGNS) if alone else len(_SIGNS) ** 2):
        found.append(found[value & value - 1] ^ effects[(value & -value).bit_length() - 1])
    return ((_SIGNS[value] if alone else _pair(value), content) for value, content in enumerate(found))


def _pair(value: int) -> str:
    return _SIGNS[value // len(_SIGNS)] + _SIGNS[value % len(_SIGNS)]


def _bytes(effect: Callable[[str, int], int], start: int) -> Iterator[tuple[str, int]]:
    """One ASCII character in byte mode."""
    effects = [effect(chr(1 << bit), start) for bit in range(7)]
    found = [0]
    for value in range(1, 128):
        found.append(found[value & value - 1] ^ effects[(value & -value).bit_length() - 1])
    return ((chr(value), content) for value, content in enumerate(found))


class _Penalty:
    """The four rules by which a mask is chosen (ISO/IEC 18004:2015 §7.8.3.1), on whole symbols at once.

    Args:
        side: modules.
    """

    def __init__(self, side: int) -> None:
        stride = side + 1
        self._stride = stride
        rows = range(side)
        self._area = sum(((1 << side) - 1) << row * stride for row in rows)
        self._across = sum(((1 << side - 1) - 1) << row * stride for row in rows)
        self._down = sum(((1 << side) - 1) << row * stride for row in rows[:-1])
        # In floating point as `qrcode` does it, since a rounding decides.
        self._balance = [int(abs(dark / side**2 * 100 - 50) / 5) * 10 for dark in range(side**2 + 1)]

    def choose(self, bases: Sequence[int], content: int) -> int:
        """Number of the base that makes the best symbol together with the content; the first of the best."""
        area, across, down, s, balance = self._area, self._across, self._down, self._stride, self._balance
        best, chosen = 1 << 30, 0
        for mask, base in enumerate(bases):
            x = base ^ content
            right = ~(x ^ x >> 1) & across
            below = ~(x ^ x >> s) & down
            lost = balance[x.bit_count()] + 3 * (right & below & below >> 1).bit_count()
            if lost >= best:
                continue
            # Runs of five and more: a window of five starts at each of their modules but the last four.
            runs = right & right >> 1
            runs &= runs >> 2
            lost += runs.bit_count() + 2 * (runs & ~(runs << 1)).bit_count()
            runs = below & below >> s
            runs &= runs >> 2 * s
            lost += runs.bit_count() + 2 * (runs & ~(runs << s)).bit_count()
            if lost >= best:
                continue
            # 1:1:3:1:1 with four light modules before it or behind it.
            light = x ^ area
            dark = x & x >> 2
            finder = dark & dark >> 4 & x >> 3 & light >> 1 & light >> 5
            if finder:
                four = light & light >> 1
                four &= four >> 2
                lost += 40 * ((finder & four >> 7).bit_count() + (finder & four << 4).bit_count())
            dark = x & x >> 2 * s
            finder = dark & dark >> 4 * s & x >> 3 * s & light >> s & light >> 5 * s
            if finder:
                four = light & light >> s
                four &= four >> 2 * s
                lost += 40 * ((finder & four >> 7 * s).bit_count() + (finder & four << 4 * s).bit_count())
            if lost < best:
                best, chosen = lost, mask
        return chosen
