"""What people were sent: every message a topic delivers to e-mail, a web hook or a telephone."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from typing import Any

PROTOCOLS = ("email", "email-json", "http", "https", "sms")


@dataclass(frozen=True)
class Message:
    """One delivery to one subscriber."""

    time: str
    topic: str
    protocol: str
    endpoint: str
    subject: str | None
    message: str


class Inbox:
    """The deliveries of all topics, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: list[Message] = []

    def deliver(self, message: Message) -> None:
        """Keep a delivery."""
        with self._lock:
            self._messages.append(message)

    def messages(self) -> list[dict[str, Any]]:
        """All of them, as documents."""
        with self._lock:
            return [asdict(message) for message in self._messages]


def notification(
    message: str, identifier: str, topic: str, time: str, subject: str | None, attributes: Any
) -> str:
    """What a web hook and `email-json` get ("HTTP/HTTPS notification JSON format", SNS)."""
    document: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": identifier,
        "TopicArn": topic,
        **({"Subject": subject} if subject else {}),
        "Message": message,
        "Timestamp": time,
        **({"MessageAttributes": attributes} if attributes else {}),
    }
    return json.dumps(document, default=str)
