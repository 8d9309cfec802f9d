"""What happens on the Goods page: products are found, changed and added, and files are taken in."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from core import money
from core.catalogue.product import Product, product_code
from core.errors import RefusedError, StoreError
from core.shop import goods, selling
from core.shop.terminal import Actor, Session, View
from core.staff.permissions import Permission
from core.texts import sentence, tr
from ui.goods.importing import ImportPresenter
from ui.goods.state import GoodsState, ProductDraft
from ui.presenter import Place, Presenter

_PAGE = 200


class GoodsPresenter(Presenter[GoodsState]):
    """Keeps the catalogue.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(GoodsState())
        self._tasks = place.tasks
        self._by = place.by
        self.currency = place.settings.currency
        self.may_change = place.may(Permission.CHANGE_GOODS)
        self.may_issue = place.may(Permission.ISSUE_CODES)
        self.may_import = place.may(Permission.IMPORT_GOODS)
        self.importing = ImportPresenter(place.tasks, place.by, self.currency, self)
        self.importing.left.connect(self._on_import_left)

    def visit(self, what: object = None) -> None:
        """Show the catalogue from its beginning; but what was begun stays."""
        if not self.is_dirty and not self.state.importing:
            self.search("")
        self._tasks.read(goods.count_products, self._on_counted, self._on_failed)

    @property
    def is_dirty(self) -> bool:
        """Whether something is filled in and not saved."""
        return self.state.draft != self.state.begun

    def may_leave(self) -> bool:
        """Not in the middle of an import, and not with something half filled in."""
        return self.importing.may_leave()

    def close(self) -> None:
        self.importing.close()
        super().close()

    def scan(self, text: str) -> bool:
        """Goods are held in front of the scanner: look at them, or begin to add them."""
        if not self.state.importing:
            self._tasks.read(partial(selling.read_scan, text=text), partial(self._on_scanned, text), self._on_failed)
        return True

    def search(self, typed: str) -> None:
        """Look for a part of a name, its initials, or the beginning of a code."""
        if typed != self.state.typed and not self._may_turn():
            return
        self._show(typed=typed, said="", refused=False)
        find = partial(goods.search_products, text=typed, limit=_PAGE) if typed else partial(_first, limit=_PAGE)
        self._tasks.read(find, partial(self._on_found, typed), self._on_failed)

    def more(self) -> None:
        """The products behind those."""
        if self.state.products and not self.state.typed:
            page = partial(goods.product_page, after=self.state.products[-1].code, limit=_PAGE)
            self._tasks.read(page, self._on_more, self._on_failed)

    def choose(self, row: int) -> None:
        """Look at a product."""
        if 0 <= row < len(self.state.products) and row != self.state.row and not self.state.busy and self._may_turn():
            self._begin(row, self._draft_of(self.state.products[row]))

    def step(self, by: int) -> None:
        """The product so many rows further down."""
        self.choose(self.state.row + by)

    def begin_new(self) -> bool:
        """A product is going to be added; what was looked for in vain may be its code. Returns whether it can."""
        if self.state.busy or not self._may_turn():
            return False
        code = self.state.typed if not self.state.products else ""
        self._begin(-1, ProductDraft(code=code))
        return True

    def discard(self) -> None:
        """Forget what was filled in, and what was looked for."""
        self._begin(self.state.row, self.state.begun)
        self.search("")

    def edit(self, **changes: str) -> None:
        """Something was filled in."""
        self._show(draft=replace(self.state.draft, **changes), said="", refused=False)

    def save(self) -> None:
        """The product is to be as filled in."""
        if self.may_change and not self.state.importing and not self.state.busy and self.is_dirty:
            draft, known = self.state.draft, self.state.chosen
            self._show(busy=True, said="", refused=False)
            save = partial(_save, by=self._by, draft=draft, known=known)
            self._tasks.db(save, partial(self._on_saved, draft), self._on_failed)

    def issue_codes(self) -> None:
        """Codes are wanted for the pieces of this product."""
        if self.may_issue and self.state.chosen and self.state.chosen.gtin and self._may_turn():
            self.wanted.emit("codes", self.state.chosen)

    def begin_import(self) -> None:
        """A file is going to be taken in."""
        if self.may_import and self._may_turn():
            self.importing.begin()
            self._show(importing=True)

    def _on_found(self, typed: str, products: list[Product]) -> None:
        if typed != self.state.typed:
            return
        if self.is_dirty:
            # It was begun meanwhile.
            return
        self._show(products=tuple(products), goes_on=not typed and len(products) == _PAGE)
        self._begin(-1, ProductDraft())
        if products:
            self.choose(0)
        elif typed and self.may_change:
            self.begin_new()

    def _on_more(self, products: list[Product]) -> None:
        if not self.state.typed:
            self._show(products=self.state.products + tuple(products), goes_on=len(products) == _PAGE)

    def _on_counted(self, count: int) -> None:
        self._show(count=count)

    def _on_scanned(self, text: str, scan: selling.Scan) -> None:
        if scan.kind == "unit" and scan.unit:
            # It is one item, and has a life of its own.
            self.wanted.emit("codes", text)
        elif scan.product:
            if self._may_turn():
                self._show(typed=scan.product.shown_code, products=(scan.product,), goes_on=False)
                self._begin(0, self._draft_of(scan.product))
        elif scan.reason in ("unknown_product", "unknown_code") and self.may_change:
            code = selling.shown_code(scan)
            if self.state.row == -1 and self.is_dirty:
                # It is being added, and this is its barcode.
                self.edit(code=code)
            elif self._may_turn():
                self._show(typed="")
                self._begin(-1, ProductDraft(code=code))
        else:
            self._on_failed(RefusedError(scan.reason or "unknown_code", code=selling.shown_code(scan)))

    def _begin(self, row: int, draft: ProductDraft) -> None:
        """Look at a product, or at a new one."""
        self._show(row=row, draft=draft, begun=draft, said="", refused=False)

    def _may_turn(self) -> bool:
        """Whether nothing is lost by looking at something else; says so, where it would be."""
        if self.is_dirty:
            self._show(said=tr("Save this with F12 first, or leave it with Esc."), refused=True)
        return not self.is_dirty

    def _on_saved(self, draft: ProductDraft, product: Product) -> None:
        products, codes = self.state.products, [known.code for known in self.state.products]
        if product.code in codes:
            row = codes.index(product.code)
            products = (*products[:row], product, *products[row + 1 :])
        else:
            products, row = (product, *products), 0
        # What was typed while it was on its way is not saved yet.
        saved = self._draft_of(product)
        after = saved if self.state.draft == draft else self.state.draft
        said = tr("{name} is saved.", name=product.label)
        self._show(products=products, row=row, draft=after, begun=saved, busy=False, said=said, refused=False)
        self._tasks.read(goods.count_products, self._on_counted, self._on_failed)

    def _on_import_left(self) -> None:
        self._show(importing=False)
        self.visit()

    def _on_failed(self, error: StoreError) -> None:
        self._show(busy=False, said=sentence(error), refused=True)

    def _draft_of(self, product: Product) -> ProductDraft:
        return ProductDraft(
            product.shown_code,
            product.name,
            money.format_amount(product.price, self.currency, grouped=False) if product.price else "",
            money.format_rate(product.tax_rate) if product.tax_rate is not None else "",
            product.category,
            product.spec,
        )


def _first(view: View, limit: int) -> list[Product]:
    return goods.product_page(view, limit=limit)


def _save(session: Session, by: Actor, draft: ProductDraft, known: Product | None) -> Product:
    code = known.code if known else product_code(draft.code)
    if known is None and goods.known_product(session, code):
        raise RefusedError("product_exists", code=draft.code.strip()[:40])
    product = Product(
        code,
        draft.name,
        money.parse_amount(draft.price, session.settings.currency) if draft.price.strip() else None,
        money.parse_rate(draft.tax_rate) if draft.tax_rate.strip() else None,
        draft.category,
        draft.spec,
    )
    goods.set_product(session, by, product)
    return goods.find_product(session, code)
