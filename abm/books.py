"""Who owns what: double entry in integers for money, chips, serving capacity and shares.

Money is held in US cents, chips in chips, serving capacity in chips reserved (one reserved chip gives one chip-day a
day), shares in shares. What enters or leaves the modelled world comes from or goes to a holder whose name starts with
``outside:``; only such holders may be overdrawn. The crowd of investors is kept as two arrays for speed, under the
same laws. ``check`` runs after every phase and names the asset and the phase where a law was broken.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import attrgetter, itemgetter

import numpy as np

from abm.accounts import NOBODY, Account, BooksError, capacity_asset, check_asset, chip_asset, set_balance, share_asset
from abm.digest import packed

__all__ = ["OUTSIDE", "USD", "Books", "BooksError", "capacity_asset", "chip_asset", "share_asset", "split"]

OUTSIDE = "outside:"
USD = "USD"
SAVERS = f"{OUTSIDE}savers"
ISSUERS = f"{OUTSIDE}issuers"
WRITES = attrgetter("writes")


def split(total: int, weights: Sequence[float], names: Sequence[str]) -> list[int]:
    """Divide a whole number in proportion to weights by largest remainder, ties by name.

    The parts sum to the total exactly; all weights zero gives the whole total to nobody (all parts zero).
    """
    whole = math.fsum(weights)
    if whole <= 0 or total == 0:
        return [0] * len(weights)
    exact = [total * (weight / whole) for weight in weights]
    parts = list(map(math.floor, exact))
    by_remainder = sorted((i for i, w in enumerate(weights) if w > 0), key=lambda i: (parts[i] - exact[i], names[i]))
    rest = total - sum(parts)  # integers
    each, last = divmod(max(rest, 0), len(by_remainder))  # floating shares of a huge total can miss it by many units
    for place, i in enumerate(by_remainder if each else by_remainder[:last]):
        parts[i] += each + (place < last)
    excess = max(-rest, 0)
    for i in reversed(by_remainder if excess else []):
        taken_back = min(parts[i], excess)
        parts[i], excess = parts[i] - taken_back, excess - taken_back
    return parts


class Books:
    """All holdings of one run, and the cumulative flows between kinds of holders by reason."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.outside: dict[str, Account] = {}
        self._pairs_of, self._pairs, self._touched = (0, 0), {}, set()
        self._crowd_counted: tuple = ((b"", b""), ({}, False))
        self._unwritten, self._written = set(), {}
        self.flows: dict[tuple[str, str], int] = {}
        self.tickers, self._share_assets = (), ()
        self.crowd_cash = np.zeros(0, dtype=np.int64)
        self.crowd_shares = np.zeros((0, 0), dtype=np.int64)

    @property
    def crowd_cash(self) -> np.ndarray:
        """Cents of each investor, int64. Whoever asks for it may change it until the next check, which counts it anew."""
        self._is_lent = True
        return self._crowd_cash

    @crowd_cash.setter
    def crowd_cash(self, cash: np.ndarray) -> None:
        self._is_lent, self._crowd_cash = True, cash

    @property
    def crowd_shares(self) -> np.ndarray:
        """Shares of each investor (rows) by stock (columns), int64, likewise; the investors of a stock lie side by side."""
        self._is_lent = True
        return self._crowd_shares

    @crowd_shares.setter
    def crowd_shares(self, shares: np.ndarray) -> None:
        self._is_lent, self._crowd_shares = True, np.asfortranarray(shares, dtype=np.int64)

    def balance(self, holder: str, asset: str) -> int:
        """What a holder has of an asset, in whole units (negative for what the outside has given)."""
        inside = self.accounts.get(asset)
        if inside is not None and holder in inside:
            return inside[holder]
        return self.outside.get(asset, NOBODY).get(holder, 0)

    def held(self, asset: str, holders: Iterable[str]) -> list[tuple[str, int]]:
        """Those of some holders inside who have anything of an asset, in their order, with what they have."""
        account = self.accounts.get(asset, NOBODY)
        return [(holder, account[holder]) for holder in holders if holder in account]

    def holders(self, asset: str) -> list[tuple[str, int]]:
        """Everyone with a balance in an asset, inside and outside, sorted by name."""
        return sorted([*self.accounts.get(asset, {}).items(), *self.outside.get(asset, {}).items()], key=itemgetter(0))

    def move(self, asset: str, amount: int, *, giver: str, taker: str, reason: str) -> None:
        """Hand over a whole, non-negative amount.

        Raises BooksError if the amount is negative or not whole, or if the giver does not have it.
        """
        if not isinstance(amount, int) or amount < 0:
            raise BooksError(f"{reason}: amount = {amount!r} of {asset} is not a whole number of at least 0")
        if amount == 0 or giver == taker:
            return
        from_outside = giver.startswith(OUTSIDE)
        gives = (self.outside if from_outside else self.accounts).get(asset)
        takes = (self.outside if taker.startswith(OUTSIDE) else self.accounts).get(asset)
        if gives is None or takes is None:
            gives, takes = self._account(giver, asset), self._account(taker, asset)
        held = gives.get(giver, 0)
        if held < amount and not from_outside:
            raise BooksError(f"{reason}: {giver} has {held} of {asset} and cannot give {amount}")
        set_balance(gives, giver, held - amount)
        set_balance(takes, taker, takes.get(taker, 0) + amount)
        self._touched.add(asset)
        flow, flows = (reason, asset), self.flows
        flows[flow] = flows.get(flow, 0) + amount

    def _change(self, holder: str, asset: str, amount: int, *, reason: str) -> None:
        """One side of an entry. Raises BooksError if a holder inside does not have what it gives."""
        account = self._account(holder, asset)
        left = account.get(holder, 0) + amount
        if left < 0 and amount < 0 and not holder.startswith(OUTSIDE):
            raise BooksError(f"{reason}: {holder} has {left - amount} of {asset} and cannot give {-amount}")
        account.put(holder, left)

    def _note(self, reason: str, asset: str, amount: int) -> None:
        if amount:
            flow = (reason, asset)
            self.flows[flow] = self.flows.get(flow, 0) + amount

    def _account(self, holder: str, asset: str) -> Account:
        side = self.outside if holder.startswith(OUTSIDE) else self.accounts
        if asset not in side:
            side[asset] = Account()
        return side[asset]

    def open_crowd(self, tickers: Sequence[str], cash: np.ndarray, shares: np.ndarray) -> None:
        """Hand the crowd its opening cash (int64 cents, shape n) and shares (int64, shape n x J) from outside."""
        self.tickers = tuple(tickers)
        self._share_assets = tuple(share_asset(ticker) for ticker in self.tickers)
        self.crowd_cash = np.array(cash, dtype=np.int64)
        self.crowd_shares = np.array(shares, dtype=np.int64)
        self._account(SAVERS, USD).put(SAVERS, -int(self.crowd_cash.sum()))
        for j, asset in enumerate(self._share_assets):
            self._account(ISSUERS, asset).put(ISSUERS, -int(self.crowd_shares[:, j].sum()))

    def settle_auction(
        self, ticker_index: int, share_changes: np.ndarray, price_cents: int, *, dealer: str | None = None
    ) -> None:
        """Settle a day's trades: whole share changes (int64, shape n) paid at a price in cents.

        They sum to zero, or a dealer's account takes the other side of what is lacking. Raises BooksError if they do
        neither, or if a member or the dealer would be short of shares or cash; nothing has changed then.
        """
        ticker, net = self.tickers[ticker_index], int(share_changes.sum())
        if net != 0 and dealer is None:
            raise BooksError(f"auction of {ticker}: share changes do not sum to zero")
        shares = self.crowd_shares[:, ticker_index] + share_changes
        cash = self.crowd_cash - share_changes * price_cents
        if (shares < 0).any() or (cash < 0).any():
            raise BooksError(f"auction of {ticker}: a member is short of shares or cash")
        if dealer is not None:
            self._take_other_side(dealer, share_asset(ticker), net, net * price_cents)
        self.crowd_shares[:, ticker_index] = shares
        self.crowd_cash = cash

    def _take_other_side(self, dealer: str, asset: str, net: int, money: int) -> None:
        for held, given, what in ((self.balance(dealer, asset), net, asset), (self.balance(dealer, USD), -money, USD)):
            if held < given:
                raise BooksError(f"trades with {dealer}: it has {held} of {what} and cannot give {given}")
        self._change(dealer, asset, -net, reason="trade")
        self._change(dealer, USD, money, reason="trade")

    def pay_crowd(self, amounts: np.ndarray, *, giver: str, reason: str) -> None:
        """Pay whole cents (int64, shape n, none negative) to the members of the crowd from a named account.

        Raises BooksError if an amount is negative or the giver does not have the sum.
        """
        total = self._sum_of(amounts, reason)
        self._change(giver, USD, -total, reason=reason)
        self.crowd_cash = self.crowd_cash + amounts
        self._note(reason, USD, total)

    def collect(self, amounts: np.ndarray, *, taker: str, reason: str) -> None:
        """Take whole cents (int64, shape n, none negative) from the members of the crowd into a named account.

        Raises BooksError if an amount is negative or above what the member has.
        """
        total = self._sum_of(amounts, reason)
        if (amounts > self.crowd_cash).any():
            raise BooksError(f"{reason}: a member has less cash than it is to pay")
        self.crowd_cash = self.crowd_cash - amounts
        self._change(taker, USD, total, reason=reason)
        self._note(reason, USD, total)

    def buy_back(self, ticker_index: int, tendered: np.ndarray, price_cents: int, *, payer: str, reason: str) -> None:
        """Let an issuer take shares (int64, shape n) from the members of the crowd at a price and retire them.

        Raises BooksError if a number is negative or above what the member holds, or if the payer lacks the cash.
        """
        bought, asset = self._sum_of(tendered, reason), share_asset(self.tickers[ticker_index])
        shares = self.crowd_shares[:, ticker_index] - tendered
        if (shares < 0).any():
            raise BooksError(f"{reason}: a member has fewer shares than it is to give")
        self.pay_crowd(tendered * price_cents, giver=payer, reason=reason)
        self.crowd_shares[:, ticker_index] = shares
        self._change(ISSUERS, asset, bought, reason=reason)
        self._note(reason, asset, bought)

    def accounts_of(self, holders: Sequence[str]) -> tuple[tuple[str, str, int], ...]:
        """Every balance of some holders, as (holder, asset, amount) sorted by asset."""
        assets = sorted({**self.accounts, **self.outside})
        rows = ((holder, asset, self.balance(holder, asset)) for asset in assets for holder in holders)
        return tuple(row for row in rows if row[2])

    def restore(self, holders: Sequence[str], balances: Sequence[tuple[str, str, int]]) -> None:
        """Give some holders the balances that ``accounts_of`` told before, and nothing else."""
        for holder, asset, _ in self.accounts_of(holders):
            self._account(holder, asset).put(holder, 0)
        for holder, asset, amount in balances:
            self._account(holder, asset).put(holder, amount)

    def _sum_of(self, amounts: np.ndarray, reason: str) -> int:
        if amounts.size and int(amounts.min()) < 0:
            raise BooksError(f"{reason}: an amount of {int(amounts.min())} is not at least 0")
        return int(amounts.sum())

    def check(self, *, after: str) -> None:
        """Every asset sums to zero over all holders, and nobody inside is overdrawn.

        What nobody has written to since it was last counted is not counted again: assets by the writes of their
        accounts, the crowd by whether its arrays were asked for and by their bytes. Raises BooksError naming the phase,
        the asset and the leak or the overdrawn holder.
        """
        (crowd, is_overdrawn), sides = self._count_crowd(), self._sides()
        for asset in sorted(self._touched):
            check_asset(asset, *sides.get(asset, (NOBODY, NOBODY)), after=after, crowd=crowd.get(asset, 0))
        self._unwritten |= self._touched
        self._touched.clear()
        if is_overdrawn:
            raise BooksError(f"after {after}: an investor is overdrawn")

    def _count_crowd(self) -> tuple[dict[str, int], bool]:
        """What the crowd has of each asset, and whether one of its members has less than nothing of something."""
        if not self._is_lent:
            return self._crowd_counted[1]
        cash, shares, self._is_lent = self._crowd_cash, self._crowd_shares, False
        held = cash.tobytes("A"), shares.tobytes("A")
        if held != self._crowd_counted[0]:
            totals = dict(zip(self._share_assets, shares.sum(axis=0).tolist(), strict=True)) | {USD: int(cash.sum())}
            self._touched.update(asset for asset, _ in totals.items() ^ self._crowd_counted[1][0].items())
            self._crowd_counted = (held, (totals, min(int(cash.min(initial=0)), int(shares.min(initial=0))) < 0))
        return self._crowd_counted[1]

    def _sides(self) -> dict[str, tuple[Account, Account]]:
        """The accounts inside and outside of every asset, sorted; found anew, and to be checked, when an asset has come."""
        if self._pairs_of != (len(self.accounts), len(self.outside)):
            self._pairs_of = (len(self.accounts), len(self.outside))
            assets = sorted({**self.accounts, **self.outside})
            self._pairs = {one: (self.accounts.get(one, NOBODY), self.outside.get(one, NOBODY)) for one in assets}
            for asset, account in (*self.accounts.items(), *self.outside.items()):
                account.tell(self._touched, asset)
            self._touched.update(assets)
        return self._pairs

    def state(self) -> tuple:
        """Every balance, sorted by asset and holder, packed, and the crowd's arrays as bytes: for the digest."""
        return self.named(), *self.crowd()

    def named(self) -> bytes:
        """The balances of named holders, sorted by asset and holder, packed: a list of (asset, holders).

        What was packed of an asset is kept until one of its accounts is written to.
        """
        sides = self._sides()
        for asset in self._unwritten | self._touched:
            self._written[asset] = packed((asset, self.holders(asset)))
        self._unwritten.clear()
        return b"[" + len(sides).to_bytes(4, "little") + b"".join([self._written[asset] for asset in sides])

    def crowd(self) -> tuple[bytes, bytes]:
        """The crowd's cash and shares as bytes."""
        return self._crowd_cash.tobytes(), self._crowd_shares.tobytes()
