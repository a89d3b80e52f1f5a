"""How a call travels. The generated methods of api.py rest on this; nothing else knows HTTP."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Any, Generic, Iterator, Mapping, NamedTuple, Optional, TypeVar, Union
from urllib.parse import quote, urlencode, urlsplit

T = TypeVar("T")


class RaftKvError(Exception):
    """A call that was refused, or that nobody answered.

    ``applied`` says whether a change may have happened: "no" and "yes" are certain, "unknown" is not. A call that got no
    answer has the status 0 and the code "no-answer".
    """

    def __init__(self, status: int, problem: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self.status = status
        self.problem = problem
        self.headers = headers
        self.code: str = str(problem.get("code", "http-%d" % status))
        self.applied: str = str(problem.get("applied", "unknown"))
        self.retryable: bool = bool(problem.get("retryable", False))
        super().__init__("%s: %s" % (self.code, problem.get("detail") or problem.get("title") or status))


class Event(NamedTuple):
    """A message of a stream: an event of Server-Sent Events, or a JSON line."""

    event: str
    data: Any
    id: Optional[str]


class Stream:
    """Messages as they come. Iterate it; close it, or leave its ``with``, to hang up."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, is_lines: bool) -> None:
        self._connection = connection
        self._response = response
        self._is_lines = is_lines

    def __iter__(self) -> Iterator[Event]:
        event, data, identity = "message", [], None
        for raw in self._response:
            line = raw.decode("utf-8").rstrip("\r\n")
            if self._is_lines:
                if line:
                    yield Event("line", json.loads(line), None)
                continue
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if name == "event":
                event = value
            elif name == "data":
                data.append(value)
            elif name == "id":
                identity = value
            elif not line and data:
                yield Event(event, json.loads("\n".join(data)), identity)
                event, data = "message", []

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a node answered: ``body`` is None where there is none, such as for 204 and 304."""

    status: int
    headers: Mapping[str, str]
    body: T

    @property
    def revision(self) -> Optional[int]:
        """The store's revision that was read or written."""
        text = self.headers.get("raftkv-revision")
        return None if text is None else int(text)

    @property
    def etag(self) -> Optional[str]:
        """The key's mod revision in quotes, for if_match and if_none_match."""
        return self.headers.get("etag")

    @property
    def session(self) -> Optional[str]:
        """What to send as ``session`` with the next call, at whatever node."""
        return self.headers.get("raftkv-session")

    @property
    def consistency(self) -> Optional[str]:
        """The read level that was served."""
        return self.headers.get("raftkv-consistency")

    @property
    def staleness_ms(self) -> Optional[int]:
        """How old the answer can be at most; None when nothing is proven."""
        text = self.headers.get("raftkv-staleness-ms")
        return None if text is None else int(text)


class Transport:
    """Calls to one node. Any thread may use it: each call has a connection of its own.

    ``timeout`` is in seconds, and longer than the longest wait that a node allows (60 s).
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:2379",
        *,
        token: Optional[str] = None,
        user: Optional[str] = None,
        password: Optional[str] = None,
        timeout: float = 70.0,
        context: Optional[ssl.SSLContext] = None,
    ) -> None:
        self._url = urlsplit(base_url)
        if self._url.scheme not in ("http", "https") or not self._url.hostname:
            raise ValueError("%s is no address; it should look like http://127.0.0.1:2379." % base_url)
        self._timeout = timeout
        self._context = context
        self._authorization: Optional[str] = None
        if token is not None:
            self._authorization = "Bearer " + token
        elif user is not None:
            pair = ("%s:%s" % (user, password or "")).encode("utf-8")
            self._authorization = "Basic " + base64.b64encode(pair).decode("ascii")

    def call(
        self,
        method: str,
        path: str,
        *,
        places: Mapping[str, Union[str, bytes]] = {},
        query: Mapping[str, Any] = {},
        headers: Mapping[str, Any] = {},
        body: Any = None,
        media_type: str = "",
    ) -> Answer[Any]:
        """Makes one call; None among the values means that there is none."""
        for name, value in places.items():
            path = path.replace("{%s}" % name, quote(value, safe=""))
        pairs = [(name, _text(value)) for name, value in query.items() if value is not None]
        target = self._url.path.rstrip("/") + path + ("?" + urlencode(pairs, quote_via=quote) if pairs else "")
        sent = {name: _text(value) for name, value in headers.items() if value is not None}
        if self._authorization is not None:
            sent["Authorization"] = self._authorization
        content = _content(body, media_type)
        if content is not None:
            sent["Content-Type"] = media_type
        connection = self._connect()
        try:
            connection.request(method, target, content, sent)
            response = connection.getresponse()
            return _answer(connection, response)
        except (OSError, http.client.HTTPException) as failure:
            connection.close()
            raise _no_answer("no" if method == "GET" else "unknown", failure) from failure

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._context)
            if self._url.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=self._timeout)
        )
        try:
            connection.connect()
        except OSError as failure:
            # Nothing was sent.
            raise _no_answer("no", failure) from failure
        return connection


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _content(body: Any, media_type: str) -> Optional[bytes]:
    if body is None:
        return None
    if media_type == "application/json":
        return json.dumps(body).encode("utf-8")
    return body.encode("utf-8") if isinstance(body, str) else bytes(body)


def _answer(connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> Answer[Any]:
    headers = {name.lower(): value for name, value in response.getheaders()}
    kind = headers.get("content-type", "").split(";")[0].strip()
    if response.status < 400 and kind in ("text/event-stream", "application/x-ndjson"):
        return Answer(response.status, headers, Stream(connection, response, kind == "application/x-ndjson"))
    content = response.read()
    connection.close()
    is_json = kind == "application/json" or kind.endswith("+json")
    body: Any = None if not content else json.loads(content) if is_json else content
    if response.status >= 400:
        raise RaftKvError(response.status, body if isinstance(body, dict) else {}, headers)
    return Answer(response.status, headers, body.decode("utf-8") if kind == "text/plain" and body is not None else body)


def _no_answer(applied: str, failure: Exception) -> RaftKvError:
    return RaftKvError(0, {"code": "no-answer", "applied": applied, "retryable": applied == "no", "detail": str(failure)}, {})
