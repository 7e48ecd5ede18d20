"""Decentralized authentication of NATS: keys, tokens and the credentials file of a user."""

from __future__ import annotations

import base64
import importlib
import json
import os
import time
from pathlib import Path
from typing import Any, Literal

nkeys: Any = importlib.import_module("nkeys")  # without types

_UNLIMITED = {"subs": -1, "data": -1, "payload": -1}
_ACCOUNT = {"imports": -1, "exports": -1, "wildcards": True, "conn": -1, "leaf": -1}


class KeyPair:
    """A new key pair."""

    def __init__(self, kind: Literal["OPERATOR", "ACCOUNT", "USER"]) -> None:
        prefix = getattr(nkeys, f"PREFIX_BYTE_{kind}")
        seed: bytes = nkeys.encode_seed(os.urandom(32), prefix)
        self._pair = nkeys.from_seed(bytearray(seed))
        self.seed = seed.decode()
        self.id: str = self._pair.public_key.decode()

    def token(self, subject: str, claims: dict[str, Any]) -> str:
        """Returns a signed token about a subject."""
        body = {
            "jti": "x",
            "iat": int(time.time()),
            "iss": self.id,
            "name": "x",
            "sub": subject,
            "nats": {"version": 2, **claims},
        }
        text = f"{_encode({'typ': 'JWT', 'alg': 'ed25519-nkey'})}.{_encode(body)}"
        return f"{text}.{_base64(self._pair.sign(text.encode()))}"


def config(operator: KeyPair, account: KeyPair) -> str:
    """Returns the configuration of a server with an account."""
    limits = {**_UNLIMITED, **_ACCOUNT}
    account_token = operator.token(account.id, {"type": "account", "limits": limits})
    operator_token = operator.token(operator.id, {"type": "operator"})
    return (
        f"operator: {operator_token}\nresolver: MEMORY\n"
        f"resolver_preload: {{ {account.id}: {account_token} }}\n"
    )


def user_token(account: KeyPair, user: KeyPair) -> str:
    """Returns the token of a user of an account."""
    return account.token(user.id, {"type": "user", **_UNLIMITED})


def write_file(folder: Path, token: str, user: KeyPair) -> Path:
    """Writes a credentials file."""
    file = folder / "user.creds"
    file.write_text(
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n"
        f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
    )
    return file


def _encode(document: dict[str, Any]) -> str:
    return _base64(json.dumps(document).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
