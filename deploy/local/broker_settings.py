"""The settings of a private RabbitMQ node: every file, port and name it uses, all within one folder and on loopback."""

import hashlib
import os
import secrets
import string
from collections.abc import Mapping
from pathlib import Path

from deploy.local.ports import LOOPBACK
from deploy.local.process import MachineError
from xianjie.whole import write_whole

ADMIN = "machine"
PLUGINS = ("rabbitmq_consistent_hash_exchange",)  # stream *queues* need no plugin: they are spoken to over AMQP
API = "rabbitmq_management"
"""The plugin of the API by which bodies join and leave. It costs 0.6 s of processor time at the start, and 7 MiB."""

# The package's default is not to wait busily at all. A node then takes twice as long to start (5.5 s against 2.5 s
# here): loading its code is a long ping-pong between Erlang processes, and every wake-up goes through the kernel.
# An idle node costs the same (under 1 % of a core); a busy one takes more of it, and confirms sooner.
BUSY_WAIT = "very_short"

ON_LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"

CONFIG = """\
listeners.tcp.1 = {loopback}:{amqp}
default_user = {admin}
default_pass = {password}
max_message_size = 1048576
disk_free_limit.absolute = 50MB
log.file = broker.log
log.file.level = warning
# How much of the quorum queues' log is kept in memory: 512 MB by default, much for a shared machine.
raft.wal_max_size_bytes = 67108864
"""

API_CONFIG = """\
# On loopback, without the figures that it would gather all the time.
management.tcp.ip = {loopback}
management.tcp.port = {api}
management.disable_stats = true
management.enable_queue_totals = true
management_agent.disable_metrics_collector = true
management.rates_mode = none
"""


def node_name(home: Path) -> str:
    """The same for the same folder, different for any other: two checkouts run side by side."""
    return f"xianjie-{hashlib.sha256(str(home).encode()).hexdigest()[:10]}@localhost"


def make_secrets(home: Path) -> None:
    """Make password and cookie once, readable by the owner alone, and the folders beside them."""
    for folder in (home, home / "data", home / "log", home / "tmp"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_once(home / "admin.password", secrets.token_urlsafe(24), 0o600)
    _write_once(home / ".erlang.cookie", "".join(secrets.choice(string.ascii_uppercase) for _ in range(32)), 0o400)


def has_api(home: Path) -> bool:
    """Whether a node in this folder can have the API: its plugin ends the node where the folder's name holds more than ASCII (tried, 3.10.8)."""
    return str(home).isascii()


def write_settings(home: Path, amqp: int, api: int) -> None:
    """Write what the node reads at its start."""
    config = CONFIG.format(loopback=LOOPBACK, amqp=amqp, admin=ADMIN, password=admin_password(home))
    plugins = [*PLUGINS, API] if has_api(home) else PLUGINS
    if has_api(home):
        config += API_CONFIG.format(loopback=LOOPBACK, api=api)
    write_whole(home / "rabbitmq.conf", config)
    write_whole(home / "enabled_plugins", f"[{','.join(plugins)}].\n")
    write_whole(home / "rabbitmq-env.conf", "")  # else that of a system broker would be read


def admin_password(home: Path) -> str:
    """The password of the machine's own administrator; MachineError when the broker was never started."""
    try:
        return (home / "admin.password").read_text()
    except FileNotFoundError:
        raise MachineError(f"no broker was ever started from {home}: start it first") from None


def environment(home: Path, epmd: int, distribution: int) -> Mapping[str, str]:
    """The whole environment of the node and its tools: nothing of the caller's settings reaches them but PATH."""
    return {
        "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOME": str(home),  # where Erlang looks for its cookie
        "TMPDIR": str(home / "tmp"),
        "ERL_CRASH_DUMP": str(home / "log" / "erl_crash.dump"),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "ERL_EPMD_PORT": str(epmd),
        "RABBITMQ_NODENAME": node_name(home),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "broker.pid"),
        "RABBITMQ_SCHEDULER_BUSY_WAIT_THRESHOLD": BUSY_WAIT,
        "RABBITMQ_ALLOW_INPUT": "1",  # the script becomes the node (no shell in between), so its pid is the node's
        "RABBITMQ_SERVER_START_ARGS": "-noinput +B i",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ON_LOOPBACK,
        "RABBITMQ_CTL_ERL_ARGS": ON_LOOPBACK,
        "RABBITMQ_CTL_DIST_PORT_MIN": "0",  # any free port; the default is a range of eleven on all interfaces
        "RABBITMQ_CTL_DIST_PORT_MAX": "0",
    }


def _write_once(path: Path, content: str, mode: int) -> None:
    if not path.exists():
        write_whole(path, content, mode)
