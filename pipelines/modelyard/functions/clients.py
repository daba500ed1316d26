"""AWS clients of one call: each is made once, because making one takes longer than its use."""

from typing import Any

import boto3


class Clients:
    """A session that remembers its clients."""

    def __init__(self, session: boto3.Session | None = None) -> None:
        self._session = session or boto3.Session()
        self._made: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The client of a service in the function's own region."""
        if service not in self._made:
            make: Any = self._session.client
            self._made[service] = make(service)
        return self._made[service]
