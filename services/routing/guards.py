"""Why a leg may not be sent (T3): rules in order, each a small function that gives the ground and the words, or None."""

from dataclasses import dataclass, replace

from services.routing.custody import Custody
from services.routing.directory import COURTS, Directory
from services.routing.leg import Leg, Wanted
from xianjie import competence
from xianjie.competence import DISPUTE, takes
from xianjie.law import deadlines
from xianjie.tracks.track import track_rules
from xianjie.vocabulary import Ground, LegKind, Track

HOPS = deadlines.count("hops")
"""How often one matter may go on from body to body before a person decides."""
NEVER_FOR_GAPS = frozenset({Track.CRIMINAL})
"""Tracks that may not be refused for missing papers: police ask for them (公安程序 180)."""
HELPING = (LegKind.ASSIST, LegKind.NOTIFY)
"""Kinds of leg that leave the dispute where it is."""

Why = tuple[Ground, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a leg that is wanted would go, after how many hops, and what speaks for it: new facts, or a law that is named."""

    receiver: str
    hops: int = 0
    new_facts: bool = False
    by_law: bool = False
    """Whether a law is named by which it is competent though its entry does not list this right."""


def leaving(custody: Custody, wanted: Wanted) -> Why:
    """Why no such leg may be sent to anybody."""
    return (
        _ended(custody)
        or _batch(custody)
        or _transfer(custody, wanted)
        or _entrusted_further(custody, wanted)
        or _decides_nothing(wanted)
        or _undecided(custody, wanted)
        or excluded(custody, wanted)
    )  # fmt: skip


def going(custody: Custody, directory: Directory, wanted: Wanted, way: Way) -> Why:
    """Why the leg may not go to this body."""
    return (
        _unknown(directory, way.receiver)
        or _open_already(custody, wanted, way.receiver)
        or _to_itself(wanted, way.receiver)
        or _asked_before(custody, wanted, way)
        or _too_far(way)
        or _takes(custody, directory, wanted, way)
        or _unsupported(directory, wanted, way.receiver)
        or _papers(custody, directory, wanted, way.receiver)
    )  # fmt: skip


def claimed(directory: Directory, wanted: Wanted) -> tuple[int, Ground, str] | None:
    """Why a leg may not have the basis that its sender says: its track knows no such basis, or it is a court's to say."""
    if wanted.basis is None:
        return None
    known, sender = track_rules(wanted.track).bases, directory.body(wanted.sender)
    if wanted.basis not in known:
        has = ", ".join(sorted(known)) or "none"
        return 422, Ground.OTHER, f"/data/basis: {wanted.track} has no basis {wanted.basis}; it has {has}"
    if known[wanted.basis] == "court" and (sender is None or sender.kind not in COURTS):
        return 403, Ground.NOT_YOURS, f"{wanted.basis} is for a court to say: it means that a court entrusts the mediation"
    return None


def meanwhile(custody: Custody, directory: Directory, leg: Leg) -> Why:
    """Why a leg that waited for the party's consent may no longer be sent. It is not in its own way."""
    others = replace(custody, legs={name: each for name, each in custody.legs.items() if name != leg.id})
    way = Way(receiver=leg.receiver, hops=leg.hops, new_facts=True)
    return leaving(others, leg.wanted) or going(others, directory, leg.wanted, way)


def _ended(custody: Custody) -> Why:
    return (Ground.CASE_ENDED, "the case is closed to new legs") if custody.cleared else None


def _batch(custody: Custody) -> Why:
    return (Ground.OTHER, "a batch has no legs of its own: ask in its cases") if custody.batch else None


def _transfer(custody: Custody, wanted: Wanted) -> Why:
    """Only the owner transfers; who got the case by a transfer does not transfer it again; never under a pseudonym."""
    if wanted.kind is not LegKind.TRANSFER:
        return None
    if wanted.sender != custody.owner:
        return Ground.NOT_YOURS, "only the owner may transfer the case"
    if transferee(custody, wanted.sender):
        return Ground.NOT_COMPETENT, "a case that was transferred is not transferred again; dispute it instead"
    if wanted.pseudonymised:
        return Ground.PAPERS_INCOMPLETE, "a case is not transferred under a pseudonym: its new owner must know whose case it is"
    return None


def transferee(custody: Custody, body: str) -> bool:
    """Whether `body` got the case by a transfer that stands."""
    return bool(custody.transfers) and custody.transfers[-1][1] == body


def _entrusted_further(custody: Custody, wanted: Wanted) -> Why:
    """Who holds a leg that it was entrusted with entrusts nothing further, whoever owns the case."""
    if wanted.kind is not LegKind.DELEGATE:
        return None
    held = [each for each in custody.open_legs if each.kind is LegKind.DELEGATE and each.state == "taken"]
    if any(each.receiver == wanted.sender for each in held):
        return Ground.NOT_COMPETENT, "an entrusted body may not entrust further"
    return None


def _decides_nothing(wanted: Wanted) -> Why:
    """An opinion on infringement is for reference only: it assists, and no dispute is brought there."""
    if wanted.track is Track.OPINION and wanted.kind is not LegKind.ASSIST:
        return Ground.OUT_OF_SCOPE, "an opinion is for reference only: ask for it with kind assist"
    return None


def _undecided(custody: Custody, wanted: Wanted) -> Why:
    """Only a decision in force is entered with a credit registrar."""
    if wanted.track is Track.CREDIT and not custody.decided:
        return Ground.NO_FACTS, "only a decision in force is entered: no leg of this case has ended with one"
    return None


def excluded(custody: Custody, wanted: Wanted) -> Why:
    """Why the matter itself bars this track: a suit, an arbitration agreement, another body that took the dispute."""
    if wanted.kind in HELPING:
        return None
    elsewhere = _taken_elsewhere(custody, wanted)
    return competence.barred(wanted.track, sued=custody.sued, agreed=custody.arbitration_agreed, elsewhere=elsewhere)


def _taken_elsewhere(custody: Custody, wanted: Wanted) -> str:
    """Another body that decides the same dispute. A suit against the decision (basis admin) is another dispute."""
    for each in custody.open_legs:
        its_own = each.receiver == wanted.sender and wanted.kind is not LegKind.FILE
        if each.state == "taken" and each.track in DISPUTE and each.kind not in HELPING and each.basis != "admin" and not its_own:
            return f"{each.receiver} has taken the same dispute ({each.id})"
    return ""


def _unknown(directory: Directory, code: str) -> Why:
    if directory.body(code) is None:
        return Ground.NOT_COMPETENT, f"the directory knows no body {code}"
    if directory.drained.get(code):
        return Ground.CAPACITY, f"{code} is leaving the network and takes no new legs"
    return None


def _unsupported(directory: Directory, wanted: Wanted, receiver: str) -> Why:
    """A system that has said itself that it cannot take it is not offered it, whatever its entry says."""
    why = directory.unsupported(receiver, wanted.track)
    return (Ground.NOT_COMPETENT, why) if why else None


def _open_already(custody: Custody, wanted: Wanted, receiver: str) -> Why:
    if any(each.receiver == receiver and each.track is wanted.track for each in custody.open_legs):
        return Ground.DUPLICATE, f"a leg of this track to {receiver} is open"
    return None


def _to_itself(wanted: Wanted, receiver: str) -> Why:
    if receiver == wanted.sender and wanted.kind is not LegKind.FILE:
        return Ground.DUPLICATE, f"{receiver} has it already: no body refers to itself"
    return None


def _asked_before(custody: Custody, wanted: Wanted, way: Way) -> Why:
    if way.receiver in custody.tried.get(wanted.track.value, ()) and not way.new_facts:
        return Ground.TAKEN_ELSEWHERE, f"{way.receiver} has declined, returned or let lapse this track; new facts are needed"
    return None


def _too_far(way: Way) -> Why:
    return (Ground.NOT_COMPETENT, f"more than {HOPS} hops; a person must choose") if way.hops > HOPS else None


def _takes(custody: Custody, directory: Directory, wanted: Wanted, way: Way) -> Why:
    """Its entry must say that it takes the track, and this right unless a law is named; helping and being told needs neither."""
    body = directory.body(way.receiver)
    if body is None or wanted.kind in HELPING:
        return None
    able = [each for each in body.capabilities if each.track is wanted.track]
    if not able:
        return Ground.NOT_COMPETENT, f"the directory does not say that {way.receiver} takes {wanted.track}"
    if not way.by_law and not any(takes(each, wanted.track, custody.right) for each in able):
        return (
            Ground.NOT_COMPETENT,
            f"{way.receiver} takes {wanted.track}, but not for {custody.right}: name the law by which it does (legal_basis)",
        )
    return None


def _papers(custody: Custody, directory: Directory, wanted: Wanted, receiver: str) -> Why:
    """What the receiver's entry in the directory says that it needs."""
    body = directory.body(receiver)
    if body is None or wanted.kind in HELPING or wanted.track in NEVER_FOR_GAPS:
        return None
    needed = [kind for each in body.capabilities if takes(each, wanted.track, custody.right) for kind in each.papers]
    missing = sorted(set(needed) - set(custody.paper_kinds))
    if missing:
        return (
            Ground.PAPERS_INCOMPLETE,
            f"{receiver} takes {wanted.track} only with {', '.join(missing)}, which the file does not hold",
        )
    return None
