"""A way through a track, from its first stage to an outcome, found in the track's own table: what a simulated body reports."""

from collections import deque
from functools import cache

from xianjie.message import Message, named
from xianjie.messages.case import Paper
from xianjie.tracks.track import Outcome, Step, TrackRules, track_rules
from xianjie.vocabulary import Ground, Track


@cache
def way(track: Track) -> tuple[tuple[Step, ...], Outcome]:
    """The steps to an outcome, as few as there are, through at least one where the track has any."""
    rules = track_rules(track)
    seen = {rules.first}
    queue: deque[tuple[str, tuple[Step, ...]]] = deque([(rules.first, ())])
    while queue:
        stage, steps = queue.popleft()
        end = next((each for each in rules.outcomes.values() if steps and stage in each.start and _plain(each)), None)
        if end:
            return steps, end
        for step in rules.steps.values():
            to = step.to or stage
            ordinary = not (step.returns or step.outcome or step.suspends or step.extends)
            if ordinary and step.to and (not step.start or stage in step.start) and to not in seen:
                seen.add(to)
                queue.append((to, (*steps, step)))
    return _first(rules)


def _first(rules: TrackRules) -> tuple[tuple[Step, ...], Outcome]:
    """For a track whose outcomes come in any stage, or in the first one."""
    steps = tuple(each for each in rules.steps.values() if not each.returns and (not each.start or rules.first in each.start))[:1]
    stage = steps[0].to or rules.first if steps else rules.first
    return steps, next(each for each in rules.outcomes.values() if not each.start or stage in each.start)


def _plain(outcome: Outcome) -> bool:
    return not outcome.needs_body and outcome.next is None


def told(track: Track, leg: str) -> list[Message]:
    """What a body says of a leg on that way, in order."""
    steps, outcome = way(track)
    progressed, reported = named(f"{track}.progressed"), named(f"{track}.outcome_reported")
    said: list[Message] = [
        progressed(  # type: ignore[call-arg]
            leg=leg, step=each.name, by="all" if each.parties or "all_agree" in each.needs else None, recusal_checked=True,
            text="simulated",
        )
        for each in steps
    ]  # fmt: skip
    papers = tuple(_paper(kind) for kind in outcome.papers[:1])
    ground = Ground(outcome.grounds[0]) if outcome.grounds else None
    said.append(reported(leg=leg, outcome=outcome.name, papers=papers, ground=ground, text="simulated"))  # type: ignore[call-arg]
    return said


def _paper(kind: str) -> Paper:
    return Paper(
        id=f"paper-{kind}", kind=kind, title=f"simulated {kind}", media_type="application/pdf", size=1000, sha256="0" * 64
    )
