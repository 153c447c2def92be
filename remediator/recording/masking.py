"""Values with pseudonyms, for a report that is passed on."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, Literal, TypeVar, cast, get_origin

from remediator.recording.masked_text import MaskedText
from remediator.value import Value

T = TypeVar("T")

_NAMES: Final = {
    "vm": "vm",
    "vm_name": "vm",
    "group": "group",
    "groups": "group",
    "subscription": "subscription",
    "subscriptions": "subscription",
    "vm_subscription": "subscription",
    "correlation_id": "correlation",
    "correlation_ids": "correlation",
    "activity_id": "request",
    "request_id": "request",
    "policy_name": "policy",
    "storage_account": "account",
    "owners": "app",
    "backup_service": "app",
    "worker": "worker",
    "process": "process",
    "record": "file",
    "plan_file": "file",
    "VaultRef.name": "vault",
    "Job.name": "job",
    "JobRow.name": "job",
    "Lock.name": "lock",
    "Lock.notes": "notes",
    "OptOut.name": "tag",
    "OptOut.values": "tag",
}
"""Fields that hold a name, with the kind of the name. A class before a field narrows it."""

_KEPT: Final = frozenset(
    {
        "schema_version", "plan_id", "run_id", "tool_version", "audit_head", "code", "codes",
        "fact", "playbook", "rung", "remedy", "later", "operation", "status", "level",
        "permission", "method", "action", "guard", "impacts", "opt_ins", "recipe", "digest",
        "origin", "key_id", "sources", "management_type", "backup_app_id", "script", "check",
        "area", "zone", "said", "tasks", "PlaybookRef.name", "PlaybookRef.title", "Ladder.title",
        "Finding.title", "Finding.text", "Finding.advice", "Signature.value", "Task.name",
        "ErrorDetail.title",
    }
)  # fmt: skip
"""Fields that hold codes, types, texts of a playbook and other words that name nobody."""


_LISTED: Final = {
    "vault": "vault",
    "vaults": "vault",
    "account": "account",
    "accounts": "account",
    "disks": "disk",
    "networks": "vnet",
    "locks": "lock",
    "rules": "rule",
}
"""Keys of values that list names, with their kind. Words about a name stand in brackets."""

_BETWEEN: Final = re.compile(r"; |, ")


class Masker:
    """Replaces names in values. The same name has the same pseudonym in all of them."""

    def __init__(self) -> None:
        """Start without any name."""
        self._texts = MaskedText()

    def of(self, value: T) -> T:
        """The value with pseudonyms. It has the same type, and fits the same schema.

        It is looked at twice. The first time shows which names there are. So the second time also
        finds a name in a sentence that comes before the field with the name.
        """
        self._walk("", value, learning=True)
        return cast("T", self._walk("", value, learning=False))

    def text(self, text: str) -> str:
        """One line with pseudonyms. Its names are known, or the line itself shows that they are.

        It is looked at twice, as a value is.
        """
        self._texts.text(text, learning=True)
        return self._texts.text(text)

    def learn(self, kind: str, name: str) -> None:
        """Know a name that a person typed."""
        self._texts.learn(kind, name)

    def path(self, path: str) -> str:
        """The pseudonym of the path of a file. From now on lines are searched for it."""
        return self._texts.learn_path(path)

    def _walk(self, field: str, value: Any, *, learning: bool) -> Any:
        match value:
            case Enum():
                return value
            case str():
                return self._text(field, value, learning=learning)
            case Value():
                return self._value(value, learning=learning)
            case Mapping():
                return {
                    self._texts.text(str(key), learning=learning): self._walk(
                        f".{key}", each, learning=learning
                    )
                    for key, each in value.items()
                }
            case list():
                return [self._walk(field, each, learning=learning) for each in value]
            case tuple():
                return tuple(self._walk(field, each, learning=learning) for each in value)
            case _ if is_dataclass(value) and not isinstance(value, type):
                return self._dataclass(value, learning=learning)
            case _:
                return value

    def _value(self, value: Value, *, learning: bool) -> Value:
        kind = type(value).__name__
        if endpoint := getattr(value, "endpoint", None):
            self._texts.learn_endpoint(str(endpoint))
        return value.model_copy(
            update={
                name: self._walk(f"{kind}.{name}", getattr(value, name), learning=learning)
                for name, field in type(value).model_fields.items()
                if get_origin(field.annotation) is not Literal
            }
        )

    def _dataclass(self, value: Any, *, learning: bool) -> Any:
        kind = type(value).__name__
        walked = {
            each.name: self._walk(
                f"{kind}.{each.name}", getattr(value, each.name), learning=learning
            )
            for each in fields(value)
        }
        return replace(value, **walked)

    def _text(self, field: str, text: str, *, learning: bool) -> str:
        bare = field.rpartition(".")[2]
        if field in _KEPT or bare in _KEPT:
            return text
        kind = _NAMES.get(field) or _NAMES.get(bare)
        if text and kind and field[:1] != ".":
            return self._texts.learn(kind, text)
        if learning and field[:1] == "." and bare in _LISTED:
            self._learn_listed(_LISTED[bare], text)
        if text.startswith("/subscriptions/") and "\n" not in text and " (" not in text:
            return self._texts.id(text)
        return self._texts.text(text, learning=learning)

    def _learn_listed(self, kind: str, text: str) -> None:
        """Learn the names in a list, such as `disk-1 (LUN 1); disk-2 (LUN 2)`."""
        if kind == "lock":
            self._texts.learn_locks(text)
            return
        for part in _BETWEEN.split(text):
            for name in part.split(" (", 1)[0].split("/"):
                self._texts.learn_word(kind, name)
