"""python3-etcd3gw, a client of the JSON gateway, against HOST PORT. Ends with 77 where it is not installed."""
import sys
import threading

try:
    import etcd3gw
    from etcd3gw.utils import _encode
except ImportError as error:
    print(f"SKIPPED: {error}; on Debian: apt-get install python3-etcd3gw")
    sys.exit(77)

from smoke import DEADLINE, HOST, PORT, eventually


def keys(client):
    client.delete_prefix("gp/")
    assert client.put("gp/1", "one")
    assert client.get("gp/1") == [b"one"] and client.get("gp/none") == []
    value, meta = client.get("gp/1", metadata=True)[0]
    assert value == b"one" and meta["key"] == b"gp/1" and int(meta["mod_revision"]) > 1
    client.put("gp/2", "due")
    assert [v for v, _ in client.get_prefix("gp/", sort_order="descend", sort_target="key")] == [b"due", b"one"]
    assert len(client.get_all()) >= 2
    assert client.create("gp/3", "x") and not client.create("gp/3", "y")
    assert client.replace("gp/3", "x", "z") and not client.replace("gp/3", "x", "z")
    assert client.delete("gp/3") and not client.delete("gp/3")
    assert client.delete_prefix("gp/")


def txn(client):
    client.put("gt", "1")
    answer = client.transaction({
        "compare": [{"key": _encode("gt"), "result": "EQUAL", "target": "VALUE", "value": _encode("1")}],
        "success": [{"request_put": {"key": _encode("gt"), "value": _encode("2")}}],
        "failure": [{"request_range": {"key": _encode("gt")}}]})
    assert answer["succeeded"] and client.get("gt") == [b"2"], answer


def leases(client):
    lease = client.lease(ttl=10)
    client.put("gl", "x", lease=lease)
    assert 0 < lease.ttl() <= 10 and lease.refresh() == 10 and lease.keys() == [b"gl"]
    assert lease.revoke() and client.get("gl") == []


def watches(client):
    threading.Timer(0.5, lambda: client.put("gw/a", "now")).start()
    event = client.watch_once("gw/a", timeout=DEADLINE)
    assert event["kv"]["value"] == b"now", event
    try:
        client.watch_prefix_once("gw/none", timeout=1)
        raise AssertionError("nothing was written")
    except etcd3gw.exceptions.WatchTimedOut:
        pass
    events, cancel = client.watch_prefix("gw/")
    client.put("gw/b", "1")
    client.delete("gw/b")
    first, second = next(events), next(events)
    assert first["kv"]["value"] == b"1" and second["type"] == "DELETE", (first, second)
    cancel()


def locks(client):
    first, second = client.lock("ggate", ttl=3), client.lock("ggate", ttl=3)
    assert first.acquire() and first.is_acquired() and not second.acquire()
    assert first.refresh() == 3
    eventually("the lock is free", second.acquire)
    assert not first.is_acquired() and second.release()
    with client.lock("ggate", ttl=5) as held:
        assert held.is_acquired()


def cluster(client):
    assert client.status()["version"] and client.members()[0]["clientURLs"]


def main():
    client = etcd3gw.client(host=HOST, port=PORT, timeout=DEADLINE)
    for step in (keys, txn, leases, watches, locks, cluster):
        step(client)
        print(f"{step.__name__}: ok", flush=True)
    print("PASSED")


main()
