"""What happens on the Goods page: products are found, changed and added, and files are taken in."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from core import money
from core.catalogue.product import Product, product_code
from core.errors import RefusedError, StoreError
from core.shop import goods
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
        self.may_import = place.may(Permission.IMPORT_GOODS)
        self.importing = ImportPresenter(place.tasks, place.by, self.currency, self)
        self.importing.left.connect(self._on_import_left)

    def visit(self, what: object = None) -> None:
        """Show the catalogue from its beginning."""
        self.search("")
        self._tasks.read(goods.count_products, self._on_counted, self._on_failed)

    def scan(self, text: str) -> bool:
        """Goods are held in front of the scanner: look at them, or begin to add them."""
        if not self.state.importing:
            self.search(text.strip())
        return True

    def search(self, typed: str) -> None:
        """Look for a part of a name, its initials, or the beginning of a code."""
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
        if 0 <= row < len(self.state.products):
            self._show(row=row, draft=self._draft_of(self.state.products[row]), said="", refused=False)

    def step(self, by: int) -> None:
        """The product so many rows further down."""
        self.choose(self.state.row + by)

    def begin_new(self) -> None:
        """A product is going to be added; what was looked for in vain may be its code."""
        code = self.state.typed if not self.state.products else ""
        self._show(row=-1, draft=ProductDraft(code=code), said="", refused=False)

    def edit(self, **changes: str) -> None:
        """Something was filled in."""
        self._show(draft=replace(self.state.draft, **changes), said="", refused=False)

    def save(self) -> None:
        """The product is to be as filled in."""
        if self.may_change and not self.state.importing:
            save = partial(_save, by=self._by, draft=self.state.draft, known=self.state.chosen)
            self._tasks.db(save, self._on_saved, self._on_failed)

    def begin_import(self) -> None:
        """A file is going to be taken in."""
        if self.may_import:
            self.importing.begin()
            self._show(importing=True)

    def _on_found(self, typed: str, products: list[Product]) -> None:
        if typed != self.state.typed:
            return
        self._show(products=tuple(products), goes_on=not typed and len(products) == _PAGE)
        if products:
            self.choose(0)
        elif typed:
            self.begin_new()

    def _on_more(self, products: list[Product]) -> None:
        if not self.state.typed:
            self._show(products=self.state.products + tuple(products), goes_on=len(products) == _PAGE)

    def _on_counted(self, count: int) -> None:
        self._show(count=count)

    def _on_saved(self, product: Product) -> None:
        products, row = self.state.products, self.state.row
        if self.state.chosen:
            products = (*products[:row], product, *products[row + 1 :])
        else:
            products, row = (product, *products), 0
        said = tr("{name} is saved.", name=product.label)
        self._show(products=products, row=row, draft=self._draft_of(product), said=said, refused=False)
        self._tasks.read(goods.count_products, self._on_counted, self._on_failed)

    def _on_import_left(self) -> None:
        self._show(importing=False)
        self.visit()

    def _on_failed(self, error: StoreError) -> None:
        self._show(said=sentence(error), refused=True)

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
