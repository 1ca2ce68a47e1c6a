"""Where a machine keeps which bodies joined or left by hand, and their passwords: it makes all others anew at every start."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from marshmallow import ValidationError

from xianjie.fields import schema_for
from xianjie.whole import alone, write_whole
from xianjie.written import BadFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One body. `password`: None where it has none of its own. `joined`, `left`: names of networks."""

    password: str | None = None
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Keys:
    """One file, for its owner alone. Every change reads it anew, under a lock, and is whole or not at all."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> dict[str, Key]:
        """By code; nothing where the file is not there. Raises `BadFile`."""
        try:
            return {code: schema_for(Key).load(each) for code, each in json.loads(self.file.read_text()).items()}
        except FileNotFoundError:
            return {}
        except OSError as fault:
            raise BadFile(f"{self.file}: cannot be read: {fault.strerror}") from None
        except (ValueError, AttributeError, ValidationError) as fault:
            raise BadFile(
                f"{self.file}: is no file of keys ({fault}); take it from a copy: who joined by hand stands in it"
            ) from None

    def password(self, code: str) -> str | None:
        """The one that was handed out last; None where the machine's own holds."""
        found = self.read().get(code)
        return found.password if found else None

    def members(self, network: str, usual: Iterable[str]) -> list[str]:
        """Who has an inbox in a network: the usual bodies and those that joined, without those that left."""
        keys = self.read()
        joined = {code for code, key in keys.items() if network in key.joined}
        return sorted(({*usual} | joined) - {code for code, key in keys.items() if network in key.left})

    def joins(self, code: str, network: str, password: str | None) -> None:
        """It is in the network from now on; `password` None: it keeps the one that it has."""
        self._change(
            code,
            lambda key: replace(
                key,
                password=password or key.password,
                joined=tuple(sorted({*key.joined, network})),
                left=tuple(each for each in key.left if each != network),
            ),
        )

    def changes(self, code: str, password: str) -> None:
        """It has another password."""
        self._change(code, lambda key: replace(key, password=password))

    def leaves(self, code: str, network: str) -> None:
        """It is in the network no longer, also after the next start."""
        self._change(
            code,
            lambda key: replace(
                key, joined=tuple(each for each in key.joined if each != network), left=tuple(sorted({*key.left, network}))
            ),
        )

    def forget(self, network: str) -> None:
        """The network is gone with all that was in it."""
        for code in self.read():
            self._change(
                code,
                lambda key: replace(
                    key,
                    joined=tuple(each for each in key.joined if each != network),
                    left=tuple(each for each in key.left if each != network),
                ),
            )

    def _change(self, code: str, change: Callable[[Key], Key]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with alone(self.file):
            keys = self.read()
            content = {**keys, code: change(keys.get(code, Key()))}
            write_whole(self.file, json.dumps({each: asdict(key) for each, key in sorted(content.items())}, indent=1))
