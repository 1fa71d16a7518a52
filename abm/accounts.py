"""Balances that tell of their writes, so that what was found about them need not be found again; names of assets."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


@cache
def chip_asset(chip: str) -> str:
    """The asset name of a chip."""
    return f"chip:{chip}"


@cache
def capacity_asset(chip: str) -> str:
    """The asset name of the serving capacity that installed chips of one kind give."""
    return f"capacity:{chip}"


@cache
def share_asset(ticker: str) -> str:
    """The asset name of a share."""
    return f"share:{ticker}"


class BooksError(AssertionError):
    """A law of the books was broken: something appeared, vanished or was overdrawn."""


_put, _drop = dict.__setitem__, dict.pop


class Account(dict[str, int]):
    """Balances of an asset by holder. Counts its writes: what was found about it holds until the next one.

    Each write also enters the asset among those touched, once the account knows where these are noted.
    """

    writes = 0    # of the class, as what follows, since pickle fills a mapping before it gives it its attributes
    _asset, _touched = "", set()

    def tell(self, touched: set[str], asset: str) -> None:
        """From now on enter the name of the asset in a set at every write."""
        self._asset, self._touched = asset, touched

    def put(self, holder: str, amount: int) -> None:
        """Set a balance; a holder of nothing is not kept."""
        self._touched.add(self._asset)
        set_balance(self, holder, amount)


def set_balance(account: Account, holder: str, amount: int) -> None:
    """``Account.put`` for the books, who know themselves which assets they touch."""
    account.writes += 1
    if amount:
        _put(account, holder, amount)
    else:
        _drop(account, holder, None)


def _told(change: Callable) -> Callable:
    def told(account: Account, *arguments: object, **named: int) -> object:
        account.writes += 1
        account._touched.add(account._asset)
        return change(account, *arguments, **named)

    return told


for _name in ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"):
    setattr(Account, _name, _told(getattr(dict, _name)))


NOBODY = Account()
"""Balances of an asset that nobody on one side has ever had."""


def check_asset(asset: str, inside: Account, outside: Account, *, after: str, crowd: int) -> None:
    """Raises BooksError where an asset does not sum to zero with what the crowd has, or a holder inside is overdrawn."""
    leak = sum(inside.values()) + sum(outside.values()) + crowd  # integers
    if leak:
        raise BooksError(f"after {after}: {leak:+d} of {asset} came from nowhere")
    if min(inside.values(), default=0) < 0:
        holder, amount = min(inside.items(), key=lambda item: (item[1], item[0]))
        raise BooksError(f"after {after}: {holder} is overdrawn by {-amount} of {asset}")
