"""What a government could publish: stricter rules on a chip, the end of its own licences, licences, efforts, listings.

Nothing here is dated in advance: each draft is made from the instruments that are known on the day of publication.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from abm.offers import Transaction
from abm.policy.enforcement import Enforcement
from abm.policy.export_control import EntityListing, ExportControl
from abm.policy.gate import Gate
from abm.policy.instrument import (
    CN,
    DENY,
    EMPTY_RECORD,
    GOVERNMENTS,
    SEVERITY,
    US,
    Instrument,
    Notice,
    Ruling,
    canonical,
)
from abm.policy.levy import Levy
from abm.policy.licence import Licensing
from abm.policy.paragraphs import AnyChip, BandwidthLetter, NamedParts
from abm.policy.purchase_guidance import PurchaseApproval, PurchaseGuidance
from abm.policy.reaction import Reaction
from abm.policy.statutes import EMBARGOED
from abm.policy.subsidy import Subsidy
from abm.scenario.catalogue import Chip
from abm.scenario.declare import Section


@dataclass(frozen=True)
class Draft:
    """The frame of an act: who publishes it on which day, why (its citation), and what it answers, if anything."""

    government: str
    day: date
    why: str
    responds_to: str | None = None

    def frame(self, kind: str) -> dict[str, object]:
        """The fields that every instrument of the draft has in common; it binds from the day of publication."""
        answer = f"_to_{self.responds_to}" if self.responds_to else ""
        return {
            "name": f"{self.government.lower()}_endogenous_{kind}_{self.day:%Y_%m_%d}{answer}", "government": self.government,
            "public": self.day, "effective": self.day, "cites": f"endogenous: {self.why}", "responds_to": self.responds_to,
        }


@dataclass(frozen=True)
class Act:
    """Instruments that would be published together, and by how many steps they are stricter than what is in force."""

    label: str
    steps: int
    instruments: tuple[Instrument, ...]


def is_endogenous(one: Instrument) -> bool:
    """Whether a government published the instrument in the run, by its own reaction."""
    return one.name.startswith(f"{one.government.lower()}_endogenous_")


def with_act(known: Iterable[Instrument], act: Act, day: date) -> tuple[Instrument, ...]:
    """The known instruments after an act: those of the same name replaced, those that it ends gone."""
    mine = {one.name: one for one in act.instruments}
    after = [*(one for one in known if one.name not in mine), *act.instruments]
    return tuple(one for one in after if one.ends is None or one.ends > day)


def stops(before: Ruling, after: Ruling) -> bool:
    """Whether a sale is held up by a stricter answer than before: denied, or left to a review with worse odds."""
    return after.restricts and _strictness(after) > _strictness(before)


def _strictness(ruling: Ruling) -> tuple[int, float]:
    return SEVERITY[ruling.licence], -ruling.approval_probability


def stopped(government: str, known: tuple[Instrument, ...], act: Act, sales: Sequence[Transaction]) -> list[str]:
    """The chips among some sales that an act of a government would stop."""
    if not sales:
        return []
    before, after = Gate(government, known), Gate(government, with_act(known, act, sales[0].date))
    return [
        sale.chip.name for sale in sales
        if stops(before.review(sale, EMPTY_RECORD), after.review(sale, EMPTY_RECORD))
    ]


def is_open(known: tuple[Instrument, ...], sale: Transaction) -> bool:
    """Whether both governments let a sale through, or would review it: neither denies it outright."""
    return all(Gate(one, known).review(sale, EMPTY_RECORD).licence != DENY for one in GOVERNMENTS)


# stricter rules -----------------------------------------------------------------------------------------------


def tightened(test: object, factor: float) -> object | None:
    """A test of the law with every declared threshold scaled down by a factor; None where it holds no thresholds.

    The thresholds of a control are numbers from which a chip is caught, so that a lower one catches more.
    """
    if not isinstance(test, Section):
        return None
    thresholds = {
        one.name: max(getattr(test, one.name) * factor, one.metadata["declared"]["low"])
        for one in fields(test) if isinstance(one.default, float) and "declared" in one.metadata
    }
    return replace(test, **thresholds) if thresholds else None


def reads_bandwidth(test: object) -> bool:
    """Whether a test has a threshold on memory bandwidth."""
    return isinstance(test, Section) and any("bandwidth" in one.name for one in fields(test))


def restrictions(reaction: Reaction, known: tuple[Instrument, ...], chip: Chip, draft: Draft) -> list[Act]:
    """Every act by which a government could restrict a chip, in steps from what it has in force.

    To end its own licences takes no step; the seller's government lowers thresholds or adds a paragraph on memory
    bandwidth at the thresholds of the law; the buyer's asks its buyers to justify, then bans.
    """
    mine = [one for one in known if one.government == draft.government]
    return [*_revocations(mine, draft), *LADDERS[draft.government](reaction, mine, chip, draft)]


def _revocations(mine: list[Instrument], draft: Draft) -> list[Act]:
    acts = []
    for licence in (one for one in mine if isinstance(one, Licensing) and one.public < draft.day):
        notice = Notice(**draft.frame("revocation"), title=f"{licence.title}: revoked")
        ended = replace(licence, ends=draft.day, superseded_by=notice.name)
        acts.append(Act(f"revoke {licence.name}", 0, (ended, notice)))
    return acts


def _controls(reaction: Reaction, mine: list[Instrument], chip: Chip, draft: Draft) -> list[Act]:
    controls = [one for one in mine if isinstance(one, ExportControl)]
    acts = [act for one in controls for act in _lowered(one, reaction, draft)]
    if not any(reads_bandwidth(one.test) for one in controls):
        letter = ExportControl(
            **draft.frame("control"), title=f"letter on memory bandwidth, which catches the {chip.name}", denied=EMBARGOED,
            follows_parent=True, test=BandwidthLetter())
        acts.append(Act("letter on memory bandwidth", 1, (letter,)))
    return acts


def _lowered(control: ExportControl, reaction: Reaction, draft: Draft) -> list[Act]:
    acts, factor = [], 1.0
    for steps in range(1, reaction.most_steps + 1):
        factor *= 1.0 - reaction.step
        test = tightened(control.test, factor)
        if test is None:
            return []
        title = f"thresholds of {control.name} lowered by {1.0 - factor:.0%}"
        stricter = replace(
            control, **draft.frame("control"), title=title, test=test, after_close=False, ends=None, superseded_by=None)
        acts.append(Act(f"{control.name} {steps:02d}", steps, (stricter,)))
    return acts


def _guidance(reaction: Reaction, mine: list[Instrument], chip: Chip, draft: Draft) -> list[Act]:
    test = NamedParts(parts=(chip.name,), paragraph=f"guidance {draft.day:%Y-%m}")
    frame = draft.frame("guidance")
    justify = PurchaseGuidance(**frame, title=f"buyers must justify orders of the {chip.name}", test=test)
    ban = PurchaseGuidance(**frame, title=f"buyers told to stop buying the {chip.name}", test=test, banned=True)
    return [Act("justify", 1, (justify,)), Act("ban", 2, (ban,))][: reaction.most_steps]


LADDERS = {US: _controls, CN: _guidance}
"""How each government restricts a chip: its own law, the same question."""


# easing, enforcement, listings, notices -----------------------------------------------------------------------


def uneased(government: str, known: Iterable[Instrument]) -> list[Instrument]:
    """The restrictions on chips that a government published in the run and that none of its licences eases."""
    mine = [one for one in known if one.government == government]
    eased = {name for one in mine if isinstance(one, Licensing) for name in one.eases}
    own = (one for one in mine if is_endogenous(one) and isinstance(one, (ExportControl, PurchaseGuidance)))
    return [one for one in own if one.name not in eased]


def easing(known: Iterable[Instrument], draft: Draft) -> tuple[Instrument, ...]:
    """Licences case by case for what the government's own acts deny, the seller's with a levy; nothing to ease, nothing."""
    names = tuple(one.name for one in uneased(draft.government, known))
    if not names:
        return ()
    terms = {"eases": names, "test": AnyChip(paragraph=f"licences {draft.day:%Y-%m}")}
    if draft.government == CN:
        return (PurchaseApproval(**draft.frame("approval"), title="purchases approved case by case", **terms),)
    licences = Licensing(**draft.frame("licences"), title="licences decided case by case", **terms)
    levy = Levy(**draft.frame("levy"), title="levy on licensed sales", on_licences=(licences.name,))
    return licences, levy


def effort_in_force(government: str, known: Iterable[Instrument]) -> float:
    """The enforcement effort that a government has set by its own reaction, 1 before it has."""
    return next((one.effort for one in known if _sets_effort(one, government)), 1.0)


def _sets_effort(one: Instrument, government: str) -> bool:
    return isinstance(one, Enforcement) and one.government == government and is_endogenous(one)


def enforcement(known: Iterable[Instrument], effort: float, draft: Draft) -> tuple[Instrument, ...]:
    """A new enforcement effort in the place of the one that the government had set."""
    new = Enforcement(**draft.frame("enforcement"), title=f"enforcement effort set to {effort:.2f}", effort=effort)
    held = [one for one in known if _sets_effort(one, draft.government) and one.public < draft.day]
    return (*(replace(one, ends=draft.day, superseded_by=new.name) for one in held), new)


def is_listed(party: str, known: Iterable[Instrument], government: str) -> bool:
    """Whether a government's listings name a party."""
    listings = (one for one in known if isinstance(one, EntityListing) and one.government == government)
    return any(canonical(party) in one.names for one in listings)


def listing(parties: Sequence[str], draft: Draft) -> tuple[Instrument, ...]:
    """A listing of buyers; none without buyers."""
    if not parties:
        return ()
    title = f"{', '.join(parties)} listed on evidence of diversion"
    return (EntityListing(**draft.frame("listing"), title=title, entities=tuple(parties)),)


def inquiry(draft: Draft) -> tuple[Instrument, ...]:
    """A notice that permits and forbids nothing: an antitrust or trade inquiry."""
    return (Notice(**draft.frame("inquiry"), title=f"inquiry in answer to {draft.responds_to}"),)


def subsidy(growth: float, draft: Draft) -> tuple[Instrument, ...]:
    """Money for domestic foundries, which adds so much to the log growth of their wafers; none at all for no growth."""
    if not growth:
        return ()
    title = f"subsidy of domestic foundries in answer to {draft.responds_to}"
    return (Subsidy(**draft.frame("subsidy"), title=title, capacity_growth=growth),)
