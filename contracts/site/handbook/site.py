"""The whole site: every file by its path below the root, the same bytes for the same contracts."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from handbook import searching, wording
from handbook.diagrams import drawn
from handbook.lists import Codes, codes, vocabularies
from handbook.messages import Told, told
from handbook.pages import Pages
from handbook.prose import written
from handbook.protocols import NAMES, clock, parts, protocol, stage_graph, state_graph, states, tracks
from handbook.scenarios import scenarios, shown
from handbook.shapes import shape
from xianjie import __version__
from xianjie.envelope import Attributes
from xianjie.law.deadlines import deadlines
from xianjie.law.roles import roles_in
from xianjie.law.rule import Deadline
from xianjie.message import AGENCY, DOOR, OPERATOR, PLAYER, SERVICES
from xianjie.refusals import refusals
from xianjie.vocabulary import AgencyKind, Ground, Track

HERE = Path(__file__).parents[1]
CONTRACTS = HERE.parent
ROLES = (AGENCY, DOOR, OPERATOR, PLAYER, *SERVICES)
PARTS = ("body", "sender", "superior")
"""Of an agency in a proceeding."""
MENU = (
    ("joining.html", "joining_short"), ("messages/index.html", "messages"), ("roles/index.html", "roles_short"), ("lists/index.html", "lists"),
    ("tracks/index.html", "tracks"), ("protocols/index.html", "protocols"), ("receipts.html", "receipts"), ("security.html", "security"),
)  # fmt: skip
CARDS = (
    ("joining.html", "joining", "joining_about"), ("messages/index.html", "messages", "messages_about"),
    ("roles/index.html", "roles", "roles_about"), ("lists/index.html", "lists", "lists_about"), ("tracks/index.html", "tracks", "tracks_about"),
    ("protocols/index.html", "protocols", "protocols_about"), ("limits.html", "limits", "limits_about"),
    ("envelope.html", "envelope", "envelope_about"), ("scenarios/index.html", "scenarios", "scenarios_about"),
    ("receipts.html", "receipts", "receipts_about"), ("security.html", "security", "security_about"),
)  # fmt: skip


class Site:
    """Everything that is written."""

    def __init__(self) -> None:
        self.messages = told(CONTRACTS / "samples", shown())
        self.pages = Pages({each.name: f"messages/{each.key}.html" for each in self.messages.values()})

    def files(self) -> dict[str, bytes]:
        """By path below the root, every file."""
        pages = {
            **dict(self._prose()), **dict(self._messages()), **dict(self._roles()), **dict(self._lists()), **dict(self._protocols()),
            **dict(self._tracks()), **dict(self._rest()), "search-index.js": self._index(),
        }  # fmt: skip
        return dict(sorted({**{path: text.encode() for path, text in pages.items()}, **_kept()}.items()))

    def _page(self, path: str, template: str, section: str, **facts: Any) -> tuple[str, str]:
        facts = {"menu": MENU, "section": section, "version": __version__, **facts}
        return path, self.pages.render(path, f"{template}.html", **facts)

    def _prose(self) -> Iterator[tuple[str, str]]:
        yield self._page("index.html", "start", "", written=written("index", "index.html", self.pages), cards=CARDS)
        for name, section in (("joining", "joining_short"), ("security", "security")):
            yield self._page(f"{name}.html", "prose", section, written=written(name, f"{name}.html", self.pages))
        text = written("receipts", "receipts.html", self.pages)
        yield self._page("receipts.html", "receipts", "receipts", written=text, refusals=refusals().values())

    def _messages(self) -> Iterator[tuple[str, str]]:
        nouns: dict[str, list[Told]] = {}
        for each in self.messages.values():
            nouns.setdefault(each.noun, []).append(each)
        named = [(noun, wording.noun(noun), found) for noun, found in sorted(nouns.items())]
        yield self._page("messages/index.html", "messages", "messages", nouns=named)
        for each in self.messages.values():
            siblings = [self.messages[key] for key in each.siblings]
            related = [other for other in nouns[each.noun] if other is not each]
            yield self._page(f"messages/{each.key}.html", "message", "messages", told=each, siblings=siblings, related=related)

    def _between(self, role: str, nouns: set[str] | None = None) -> tuple[list[Told], list[Told]]:
        """What a role says and hears, of these nouns or of all."""
        of = [each for each in self.messages.values() if nouns is None or each.noun in nouns]
        return [each for each in of if role in each.said_by], [each for each in of if role in each.heard_by]

    def _by_part(self, track: Track) -> dict[str, list[Told]]:
        """What agencies say in the proceedings of a track, by their part in it."""
        says, _ = self._between(AGENCY, {track})
        return {f"as_{part}": [each for each in says if part in parts(each.name.split(".")[1])] for part in PARTS}

    def _roles(self) -> Iterator[tuple[str, str]]:
        bodies = [{**each, "tracks": [Track(name) for name in each["tracks"]]} for each in wording.bodies()]
        roles = [(role, *self._between(role)) for role in ROLES]
        counts = [(role, len(says), len(hears)) for role, says, hears in roles]
        yield self._page("roles/index.html", "roles", "roles_short", bodies=bodies, roles=counts)
        for role, says, hears in roles:
            yield self._page(f"roles/{role}.html", "role", "roles_short", role=role, says=says, hears=hears)
        leg_says, leg_hears = self._between(AGENCY, {"referral", "receipt", "proceeding"})
        for body in bodies:
            own = [(track, self._by_part(track), self._between(AGENCY, {track})[1]) for track in body["tracks"]]
            kinds = [each for each in codes(AgencyKind).words if each.code in body["kinds"]]
            yield self._page(
                f"roles/{body['id']}.html",
                "body",
                "roles_short",
                body=body,
                kinds=kinds,
                tracks=own,
                leg_says=leg_says,
                leg_hears=leg_hears,
            )

    @cached_property
    def _vocabularies(self) -> list[Codes]:
        return vocabularies()

    def _lists(self) -> Iterator[tuple[str, str]]:
        yield self._page("lists/index.html", "lists", "lists", lists=self._vocabularies)
        for each in self._vocabularies:
            users = [message for message in self.messages.values() if each in message.lists]
            yield self._page(each.page, "list", "lists", list=each, users=users)
        envelope = shape(Attributes)
        used = [codes(row.taken.terms) for row in envelope.rows if row.taken.terms]
        yield self._page("envelope.html", "envelope", "messages", shape=envelope, lists=used)

    def _protocols(self) -> Iterator[tuple[str, str]]:
        tables = [protocol(name) for name in NAMES]
        yield self._page("protocols/index.html", "protocols", "protocols", tables=tables)
        titles = [f"The states of a {each.name}" for each in tables]
        diagrams = drawn([state_graph(each) for each in tables], titles)
        for table, diagram in zip(tables, diagrams, strict=True):
            clocks = {id: clock(id) for id in table.clocks.values() if id}
            yield self._page(
                f"protocols/{table.name}.html",
                "protocol",
                "protocols",
                table=table,
                states=states(table),
                diagram=diagram,
                clocks=clocks,
            )

    def _tracks(self) -> Iterator[tuple[str, str]]:
        every = tracks()
        yield self._page("tracks/index.html", "tracks", "tracks", tracks=every)
        diagrams = drawn([stage_graph(each) for each in every], [f"The stages of {each.track.english}" for each in every])
        for rules, diagram in zip(every, diagrams, strict=True):
            clocks = {id: clock(id) for ids in rules.stages.values() for id in ids}
            grounds = [(Ground(ground), proofs) for ground, proofs in rules.suspends.items()]
            own = [each for each in self.messages.values() if each.noun == rules.track]
            yield self._page(
                f"tracks/{rules.track}.html",
                "track",
                "tracks",
                rules=rules,
                diagram=diagram,
                clocks=clocks,
                grounds=grounds,
                persons=roles_in(rules.track),
                messages=own,
            )

    @cached_property
    def _limits(self) -> dict[str, list[Deadline]]:
        """By id, every version of every time limit."""
        found: dict[str, list[Deadline]] = {}
        for each in deadlines():
            found.setdefault(each.id, []).append(each)
        return found

    def _rest(self) -> Iterator[tuple[str, str]]:
        yield self._page("limits.html", "limits", "tracks", limits=list(self._limits.items()))
        yield self._page("scenarios/index.html", "scenarios", "messages", scenarios=scenarios())
        for scenario in scenarios():
            yield self._page(f"scenarios/{scenario.name}.html", "scenario", "messages", scenario=scenario)

    def _index(self) -> str:
        entries = [
            *(searching.of_page(key, page) for page, key, _ in CARDS),
            *(searching.of_track(each) for each in tracks()),
            *(searching.of_message(each) for each in self.messages.values()),
            *(entry for each in self._vocabularies for entry in searching.of_list(each)),
            *(entry for each in tracks() for entry in searching.of_steps(each)),
            *(entry for name in NAMES for entry in searching.of_protocol(protocol(name))),
            *(searching.of_limit(id, found[0].title) for id, found in self._limits.items()),
            *(searching.of_refusal(each) for each in refusals().values()),
        ]
        return searching.script(entries, self._vocabularies)


def _kept() -> dict[str, bytes]:
    """Files that are taken as they are: style and scripts, and what is published for programs."""
    found = {each.name: each for each in sorted((HERE / "static").iterdir())}
    published = CONTRACTS / "schemas"
    found |= {f"schemas/{each.relative_to(published).as_posix()}": each for each in sorted(published.rglob("*.*"))}
    return {path: file.read_bytes() for path, file in found.items()}
