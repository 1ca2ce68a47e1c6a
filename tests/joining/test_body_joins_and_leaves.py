"""A body joins, is shown, gets another key, is tested and leaves: each by its command, on a real network."""

import json
import stat
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pika
import pytest
from joined import CITY, DEAF, OFFICE, Joined, code_in, receipt
from pika.exceptions import AMQPError

from deploy.local.network import Network
from tests.chassis.ground import until
from xianjie.agency import Agency, Refused
from xianjie.cli.network import find
from xianjie.joining.place import Place, look, nothing
from xianjie.messages.capacity import CapacityAsked
from xianjie.messages.log import ReceiptGiven
from xianjie.messages.loop import LoopAsked, LoopTold
from xianjie.messages.org import OrgSupportsDeclared
from xianjie.topology import inbox
from xianjie.vocabulary import Track

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
ASKED = CapacityAsked(track=Track.MEDIATION, right="design")


def place(network: Joined, code: str) -> Place:
    """What the broker has of a body."""
    found = find(network.file)
    api = found.api()
    assert api is not None
    return Place(api, found.vhost, code)


def refusal(network: Joined, code: str, password: str) -> str:
    """Why a body is not let in with a password."""
    with pytest.raises(Refused) as refused:
        Agency.connect(network.uri(code, password), code)
    return refused.value.code


# --- joining


def test_a_body_that_registers_can_speak_and_is_answered_at_once(network: Joined, new: Path) -> None:
    """One command: user, permissions, inbox, directory; the password lies in a file for its owner alone, and nowhere else."""
    code, out = code_in(new), new.with_suffix(".password")
    said = network.done("agency", "register", code, "--entry", new, "--out", out)
    password = out.read_text().strip()
    assert [line.split(":")[0] for line in said.splitlines()] == [
        *["made"] * 3,
        "password",
        "directory",
        "address",
        "inbox",
        "speaks",
    ]
    assert password not in said
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with Agency.connect(network.uri(code, password), code) as office:
        assert receipt(office, office.say(ASKED, "thread-1")).status == 202


def test_who_uses_a_message_is_counted_in_the_journal_of_the_network_too(network: Joined, new: Path) -> None:
    """The body that has just said it is among them."""
    code, password = network.join(new)
    with Agency.connect(network.uri(code, password), code) as office:
        assert receipt(office, office.say(ASKED, "thread-used")).status == 202
    (found,) = json.loads(network.done("contracts", "uses", ASKED.name, "--json"))
    assert {"who": code, "does": "says", "count": 1} in [
        {name: each[name] for name in ("who", "does", "count")} for each in found["uses"]
    ]
    assert "nobody uses it in the journal of" in network.done("contracts", "uses", "court.progressed")


def test_who_names_an_unknown_parent_is_refused_before_anything_is_made(network: Joined, tmp_path: Path) -> None:
    entry = network.entry(tmp_path / "new.yaml", parent="CN-XX-NOBODY")
    says = network.refused("agency", "register", code_in(entry), "--entry", entry, "--out", tmp_path / "password")
    assert "knows no body CN-XX-NOBODY" in says
    assert nothing(place(network, code_in(entry)).differences())
    assert not (tmp_path / "password").exists()


def test_who_names_a_parent_that_has_left_is_refused_before_anything_is_made(network: Joined, new: Path, tmp_path: Path) -> None:
    code, _ = network.join(new)
    network.done("agency", "drain", code, "--why", "closes")
    network.done("agency", "leave", code, "--why", "closed")
    entry = network.entry(tmp_path / "below.yaml", parent=code)
    says = network.refused("agency", "register", code_in(entry), "--entry", entry, "--out", tmp_path / "password")
    assert f"nothing is changed: {code} has left, which the entry names as its parent" in says
    assert nothing(place(network, code_in(entry)).differences())


def test_the_same_again_changes_nothing(network: Joined, new: Path) -> None:
    """Neither the password nor anything on the broker."""
    code, password = network.join(new)
    said = network.done("agency", "register", code, "--entry", new)
    assert [line.split(":")[0] for line in said.splitlines()][:4] == [*["there"] * 3, "password"]
    assert "password: as before" in said
    Agency.connect(network.uri(code, password), code).close()


def test_a_password_without_a_file_is_printed_once_and_one_of_your_own_comes_by_standard_input(
    network: Joined, tmp_path: Path
) -> None:
    printed = network.entry(tmp_path / "one.yaml")
    said = network.done("agency", "register", code_in(printed), "--entry", printed)
    password = said.split("password: ")[1].split()[0]
    Agency.connect(network.uri(code_in(printed), password), code_in(printed)).close()
    own = network.entry(tmp_path / "two.yaml")
    done = network.cli(
        "agency", "register", code_in(own), "--entry", own, "--password-file", "-", given="a-password-of-our-own\n"
    )
    assert done.exit_code == 0, done.stderr
    Agency.connect(network.uri(code_in(own), "a-password-of-our-own"), code_in(own)).close()


def test_who_joined_has_the_same_place_as_who_was_there_from_the_start(network: Joined, new: Path) -> None:
    """Permission for permission and key for key, but for the code; and both as the contracts say."""
    code, _ = network.join(new)
    joined, old = place(network, code), place(network, CITY)
    assert (joined.differences(), old.differences()) == ([], [])

    def rights(of: Place) -> str:
        kept = [
            of.api.permissions(of.vhost, of.code),
            of.api.topic_permissions(of.vhost, of.code),
            of.api.bindings(of.vhost, inbox(of.code)),
        ]
        return json.dumps(kept, sort_keys=True).replace(of.code.replace("-", "\\\\-"), "CODE").replace(of.code, "CODE")

    assert rights(joined) == rights(old)


def test_what_was_changed_by_hand_is_named_and_registering_again_mends_it(network: Joined, new: Path) -> None:
    """A permission that is too wide, keys that are open, an inbox that gets nothing."""
    code, _ = network.join(new)
    there = place(network, code)
    there.api.import_definitions(
        {"permissions": [{"user": code, "vhost": there.vhost, "configure": ".*", "write": ".*", "read": ".*"}]}
    )
    there.api.unbind(there.vhost, inbox(code))
    differences = network.shown(code)["differences"]
    assert len(differences) == 4
    for word in ("configure is '.*'", "write is '.*'", "read is '.*'", "gets nothing"):
        assert any(word in each for each in differences)
    assert "mended: permissions" in network.done("agency", "register", code)
    assert network.shown(code)["differences"] == []


def test_dry_runs_say_what_would_be_done_and_do_nothing(network: Joined, new: Path) -> None:
    code = code_in(new)
    said = network.done("agency", "register", code, "--entry", new, "--dry-run")
    assert ["would be made" in line for line in said.splitlines()][:3] == [True] * 3
    assert place(network, code).api.user(code) is None
    network.refused("agency", "show", code)


@pytest.mark.parametrize(
    ("words", "says", "status"),
    [
        (("cn-gd",), "must be an agency code", 2),
        (("CN-GD-NOBODY",), "name that with --entry FILE", 1),
        (("CN-GD-NOBODY", "--entry", "nowhere.yaml"), "cannot be read", 2),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_changed(
    network: Joined, words: tuple[str, ...], says: str, status: int
) -> None:
    assert says in network.refused("agency", "register", *words, status=status)


def test_an_entry_of_another_or_without_inbox_or_with_a_weak_password_is_refused(network: Joined, tmp_path: Path) -> None:
    other = network.entry(tmp_path / "other.yaml")
    assert f"describes {code_in(other)}, and not CN-GD-NEW" in network.refused(
        "agency", "register", "CN-GD-NEW", "--entry", other, status=2
    )
    deaf = network.entry(tmp_path / "deaf.yaml", inbox=False)
    assert "inbox: false" in network.refused("agency", "register", code_in(deaf), "--entry", deaf, status=2)
    weak = tmp_path / "weak"
    weak.write_text("secret\n")
    weak.chmod(0o600)
    words = ("agency", "register", code_in(other), "--entry", other, "--password-file", weak)
    assert "16 to 200" in network.refused(*words, status=2)
    weak.chmod(0o644)
    assert "others may read it" in network.refused(*words, status=2)
    assert place(network, code_in(other)).api.user(code_in(other)) is None


def test_without_an_api_a_file_for_rabbitmqctl_is_written_that_does_the_same(
    network: Joined, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For operators who allow no API: the file holds the password as a salted hash only."""
    code, file, out = code_in(new), tmp_path / "for-the-broker.json", tmp_path / "password"
    bare = json.loads(network.file.read_text())
    without = tmp_path / "network.json"
    without.write_text(json.dumps({name: value for name, value in bare.items() if name != "broker_api"}))
    lone = Joined(network.network)
    lone.file = without
    assert "--definitions FILE" in lone.refused("agency", "register", code, "--entry", new)
    assert "would write" in lone.done("agency", "register", code, "--definitions", file, "--out", out, "--dry-run")
    assert not file.exists()
    assert not out.exists()
    said = lone.done("agency", "register", code, "--definitions", file, "--out", out, "--delivery-limit", "0")
    assert f"rabbitmqctl import_definitions {file}" in said
    assert out.read_text().strip() not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    network.network.machine.broker.ctl("import_definitions", str(file))
    assert "is entered" in lone.done("agency", "register", code, "--imported", "--entry", new)
    assert place(network, code).differences() == []
    shown = json.loads(lone.done("agency", "show", code, "--json"))
    assert (shown["state"], shown["inbox"]["ready"], shown["differences"]) == ("in", 0, None)
    assert any("management API is not known" in each for each in shown["unknown"])
    Agency.connect(network.uri(code, out.read_text().strip()), code).close()


# --- what its system supports


def test_what_a_system_declares_is_shown_and_what_nobody_knows_is_refused(network: Joined, new: Path) -> None:
    code, password = network.join(new)
    with Agency.connect(network.uri(code, password), code) as office:
        declared = OrgSupportsDeclared(types=("referral.offered.v1", "referral.accepted.v1"), tracks=(Track.MEDIATION,))
        assert receipt(office, office.say(declared, f"supports-{code}")).status == 202
        unknown = receipt(office, office.say(OrgSupportsDeclared(types=("referral.sung.v1",)), f"supports-{code}"))
        assert (unknown.status, "referral.sung.v1" in unknown.text) == (422, True)
    shown = until(lambda: found if (found := network.shown(code))["supports"] else None, "the directory has it")
    assert shown["supports"] == {"types": ["referral.offered.v1", "referral.accepted.v1"], "tracks": ["mediation"]}
    assert "referral.moved.v1" in shown["unread"]
    assert "2 types of message; tracks: mediation" in network.done("agency", "show", code)


# --- another key


def test_after_a_rotation_the_old_key_opens_nothing_and_what_waited_is_there(network: Joined, new: Path, tmp_path: Path) -> None:
    """Connections under the old key are closed; what was in hand and not done comes again under the new one."""
    code, old = network.join(new)
    office = Agency.connect(network.uri(code, old), code)
    id = office.say(ASKED, "thread-2")
    in_hand = office.hear(20)
    assert in_hand is not None
    out = tmp_path / "another.password"
    said = network.done("agency", "rotate-key", code, "--out", out)
    assert "closed: 1 connection" in said
    assert refusal(network, code, old) == "wrong_credentials"
    with pytest.raises(Refused) as refused:
        office.run(lambda _: None)  # what the broker had sent before is not acknowledged any more
    assert refused.value.code == "wrong_credentials"
    office.close()
    with Agency.connect(network.uri(code, out.read_text().strip()), code) as again:
        heard = [received.message for _ in range(2) if (received := again.hear(20))]
        assert {type(each).__name__ for each in heard} == {"ReceiptGiven", "CapacityTold"}
        assert [each.to for each in heard if isinstance(each, ReceiptGiven)] == [id]


def test_connections_may_be_kept_and_a_dry_run_changes_no_key(network: Joined, new: Path) -> None:
    code, old = network.join(new)
    with Agency.connect(network.uri(code, old), code) as office:
        assert "1 connection would be closed" in network.done("agency", "rotate-key", code, "--dry-run")
        Agency.connect(network.uri(code, old), code).close()
        assert "closed" not in network.done("agency", "rotate-key", code, "--keep-connections")
        assert receipt(office, office.say(ASKED, "thread-3")).status == 202
    assert refusal(network, code, old) == "wrong_credentials"
    assert "has no user on the broker" in network.refused("agency", "rotate-key", "CN-GD-NOBODY")


def test_what_was_made_by_hand_outlives_the_machines_next_start(network: Joined, tmp_path: Path) -> None:
    """A key that was rotated stays revoked, who joined is in, who left is out: the machine makes everybody anew at its start."""
    joins, leaves = network.entry(tmp_path / "joins.yaml"), network.entry(tmp_path / "leaves.yaml")
    (code, old), (gone, _) = network.join(joins), network.join(leaves)
    out = tmp_path / "another.password"
    network.done("agency", "rotate-key", code, "--out", out)
    network.done("agency", "drain", gone, "--why", "a test")
    network.done("agency", "leave", gone, "--why", "a test")
    running = network.network
    Network(running.machine, running.home.parent, running.name).prepare([OFFICE, CITY, gone])
    assert refusal(network, code, old) == "wrong_credentials"
    Agency.connect(network.uri(code, out.read_text().strip()), code).close()
    assert look(network.uri("operator"), inbox(gone)) is None
    assert place(network, gone).api.user(gone) is None


# --- the way to a peer


def test_the_way_to_a_peer_and_back_is_measured_part_by_part(network: Joined) -> None:
    """The peer's client answers by itself; the table has every part, and the whole is no longer than the command took."""
    with network.answering(CITY) as heard:
        said = network.done("agency", "test", OFFICE, "--peer", CITY, "--timeout", "30")
        told = json.loads(network.done("agency", "test", OFFICE, "--peer", CITY, "--json"))
    rows = [line.rsplit(maxsplit=1) for line in said.splitlines()[1:5]]
    assert [row[0] for row in rows] == [
        f"{OFFICE} → routing", f"routing → {CITY}", f"{CITY} → routing", f"routing → {CITY} → routing"
    ]  # fmt: skip
    assert (told["outcome"], told["peer"]) == ("answered", CITY)
    assert 0 <= told["whole_ms"] < 30_000
    assert abs(told["to_peer_ms"] + told["from_peer_ms"] - told["whole_ms"]) <= 1
    assert [each.message.name for each in heard].count("loop.sounded") == 2
    assert {each.attributes.mode.value for each in heard if each.message.name == "loop.sounded"} == {"test"}


def test_a_peer_that_is_not_connected_or_has_no_inbox_is_told_apart(network: Joined, tmp_path: Path) -> None:
    """Nobody answers: the command says where the end will stand. No inbox: routing hears so from the broker at once."""
    assert "has not answered within 2 s" in network.refused("agency", "test", OFFICE, "--peer", CITY, "--timeout", "2")
    deaf = tmp_path / "deaf.json"
    network.entry(deaf)
    body = {**json.loads(deaf.read_text())[0], "code": DEAF}
    network.done("say", "org.changed", "--as", "operator", "--case", "directory", "--data", json.dumps({"body": body}))
    done = network.cli("agency", "test", OFFICE, "--peer", DEAF)
    assert (done.exit_code, f"{DEAF} has no inbox on the broker" in done.stdout) == (1, True)


def test_the_asker_hears_the_end_in_its_own_inbox_too(network: Joined) -> None:
    with network.answering(CITY), Agency.connect(network.uri(OFFICE), OFFICE) as office:
        office.say(LoopAsked(peer=CITY, nonce="n-1"), "loop-by-hand")
        while received := office.hear(20):
            office.done(received)
            if isinstance(received.message, LoopTold) and received.case == "loop-by-hand":
                break
        assert received is not None
        assert received.message.outcome == "answered"


def test_a_test_that_may_not_begin_says_why(network: Joined) -> None:
    assert "knows no body CN-GD-NOBODY" in network.refused("agency", "test", OFFICE, "--peer", "CN-GD-NOBODY")
    assert "give seconds" in network.refused("agency", "test", OFFICE, "--peer", CITY, "--timeout", "nan", status=2)


def test_tests_of_the_way_are_no_cases(network: Joined) -> None:
    assert not [each for each in json.loads(network.done("cases", "--json")) if each["case"].startswith(("loop-", "supports-"))]


# --- leaving


def test_a_body_leaves_when_nothing_is_pending_and_what_is_pending_is_listed(network: Joined, new: Path) -> None:
    """First drained, then its inbox read to the end; then it is out of the directory and off the broker, and its key opens nothing."""
    code, password = network.join(new)
    with Agency.connect(network.uri(code, password), code) as office:
        office.say(ASKED, "thread-4")
    until(lambda: (found := look(network.uri("operator"), inbox(code))) and found.ready == 2, "receipt and answer wait")
    why = network.refused("agency", "leave", code, "--why", "a test")
    assert "it gets new legs: xianjie agency drain" in why
    assert f"inbox agency.{code}: 2 messages not dealt with" in why
    assert "would get no new legs" in network.done("agency", "drain", code, "--why", "a test", "--dry-run")
    network.done("agency", "drain", code, "--why", "a test")
    assert "2 messages not dealt with" in network.refused("agency", "leave", code, "--why", "a test")
    with network.answering(code) as heard:
        until(lambda: len(heard) == 2, "its system has taken both")
    assert "would leave" in network.done("agency", "leave", code, "--why", "a test", "--dry-run")
    said = network.done("agency", "leave", code, "--why", "a test")
    assert f"inbox agency.{code} is taken away, its user is deleted" in said
    assert (network.shown(code)["state"], network.shown(code)["inbox"]) == ("left", None)
    assert refusal(network, code, password) == "wrong_credentials"
    assert "has left" in network.done("agency", "leave", code, "--why", "a test")


def test_who_leaves_one_network_keeps_its_connections_in_another(network: Joined, new: Path) -> None:
    code, password = network.join(new)
    broker, other = network.network.machine.broker, f"other-{uuid.uuid4().hex[:8]}"
    everything = {"user": code, "vhost": other, "configure": ".*", "write": ".*", "read": ".*"}
    broker.import_definitions({"vhosts": [{"name": other}], "permissions": [everything]})
    here = pika.BlockingConnection(pika.URLParameters(network.uri(code, password)))
    with pika.BlockingConnection(pika.URLParameters(broker.uri(other, code, password))) as there, ThreadPoolExecutor(1) as aside:
        ended = aside.submit(here.process_data_events, 60)  # it says good-bye when it is asked to
        network.done("agency", "drain", code, "--why", "a test")
        said = network.done("agency", "leave", code, "--why", "a test")
        assert f"closed 1 connection; inbox agency.{code} is taken away, its user stays, for {other}" in said
        assert isinstance(ended.exception(60), AMQPError)
        assert there.channel().queue_declare("").method.message_count == 0
    broker.delete_vhost(other)


def test_who_left_comes_back_with_its_whole_entry_and_another_key(network: Joined, new: Path) -> None:
    code, old = network.join(new)
    network.done("agency", "drain", code, "--why", "a test")
    network.done("agency", "leave", code, "--why", "a test")
    assert "has left, and comes back with its whole entry" in network.refused("agency", "register", code)
    network.done("agency", "register", code, "--entry", new)
    assert network.shown(code)["state"] == "in"
    assert refusal(network, code, old) == "wrong_credentials"
