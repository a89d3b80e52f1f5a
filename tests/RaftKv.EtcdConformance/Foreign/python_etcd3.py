"""
python3-etcd3 against the etcd v3 API at HOST PORT, as its users call it; FILE takes a snapshot. With a fourth argument, a
file of certificates to trust, over TLS. Ends with 77 where it is not installed.
"""
import sys
import threading

try:
    import etcd3
    import grpc
except ImportError as error:
    print(f"SKIPPED: {error}; on Debian: apt-get install python3-etcd3")
    sys.exit(77)

from smoke import DEADLINE, HOST, PORT, eventually


def keys(client):
    client.delete_prefix("p/")
    client.put("p/1", "one")
    value, meta = client.get("p/1")
    assert value == b"one" and meta.key == b"p/1" and meta.version == 1, (value, meta)
    assert client.get("p/none") == (None, None)
    answer = client.put("p/1", "uno", prev_kv=True)
    assert answer.prev_kv.value == b"one"
    client.put("p/2", "due")
    client.put("p/3", "tre")
    assert [v for v, _ in client.get_prefix("p/", sort_order="descend")] == [b"tre", b"due", b"uno"]
    assert [m.key for _, m in client.get_prefix("p/", keys_only=True)] == [b"p/1", b"p/2", b"p/3"]
    assert [v for v, _ in client.get_range("p/1", "p/3", sort_order="ascend")] == [b"uno", b"due"]
    assert len(list(client.get_all())) >= 3
    assert client.get("p/1", serializable=True)[0] in (b"one", b"uno")
    assert client.put_if_not_exists("p/4", "x") and not client.put_if_not_exists("p/4", "y")
    assert client.replace("p/4", "x", "z") and not client.replace("p/4", "x", "z")
    assert client.delete("p/4") and not client.delete("p/4")
    assert client.delete("p/3", prev_kv=True, return_response=True).prev_kvs[0].value == b"tre"
    client.put("p/big", b"\0" * 1_000_000)
    assert len(client.get("p/big")[0]) == 1_000_000
    assert client.delete_prefix("p/").deleted == 3


def txn(client):
    client.put("t/a", "1")
    t = client.transactions
    done, answers = client.transaction(
        compare=[t.value("t/a") == "1", t.version("t/a") > 0, t.create("t/none") == 0, t.mod("t/a") > 0],
        success=[t.put("t/b", "2"), t.get("t/a"), t.delete("t/none")],
        failure=[t.put("t/b", "never")])
    assert done and answers[1][0][0] == b"1", answers
    done, answers = client.transaction(
        compare=[t.value("t/a") == "other"], success=[],
        failure=[t.txn(compare=[t.version("t/b") == 1], success=[t.get("t/b")], failure=[])])
    assert not done, answers


def leases(client):
    lease = client.lease(10)
    client.put("l/a", "x", lease=lease)
    assert lease.granted_ttl == 10 and 0 < lease.remaining_ttl <= 10 and list(lease.keys) == [b"l/a"]
    assert [answer.TTL for answer in lease.refresh()] == [10]
    assert client.get_lease_info(lease.id).grantedTTL == 10
    lease.revoke()
    assert client.get("l/a") == (None, None)
    short = client.lease(2)
    client.put("l/b", "x", lease=short)
    eventually("the lease ends", lambda: client.get("l/b") == (None, None))


def watches(client):
    heard = []
    number = client.add_watch_callback("w/a", lambda answer: heard.extend(answer.events))
    for i in range(5):
        client.put("w/a", str(i))
    eventually("five events", lambda: len(heard) == 5)
    assert [event.value for event in heard] == [b"0", b"1", b"2", b"3", b"4"]
    client.cancel_watch(number)
    client.put("w/a", "after")

    revision = client.get("w/a")[1].mod_revision
    events, cancel = client.watch_prefix("w/", start_revision=revision)
    client.delete("w/a")
    first, second = next(events), next(events)
    assert isinstance(first, etcd3.events.PutEvent) and isinstance(second, etcd3.events.DeleteEvent), (first, second)
    cancel()
    assert list(events) == [] and len(heard) == 5

    threading.Timer(0.5, lambda: client.put("w/once", "now")).start()
    assert client.watch_once("w/once", timeout=DEADLINE).value == b"now"
    try:
        client.watch_once("w/never", timeout=1)
        raise AssertionError("nothing was written")
    except etcd3.exceptions.WatchTimedOut:
        pass

    client.compact(client.get("w/once")[1].mod_revision)
    events, cancel = client.watch("w/once", start_revision=1)
    try:
        next(events)
        raise AssertionError("the revision is compacted")
    except etcd3.exceptions.RevisionCompactedError as error:
        assert error.compacted_revision > 1


def locks(client):
    first, second = client.lock("gate", ttl=3), client.lock("gate", ttl=3)
    assert first.acquire() and first.is_acquired()
    # With another timeout than 0, Debian's 0.12.0 falls over its own helper, against etcd too.
    assert not second.acquire(timeout=0)
    first.refresh()
    # The first one says no more: its time ends, and the second one gets the lock.
    eventually("the lock is free", lambda: second.acquire(timeout=0))
    assert not first.is_acquired()
    assert second.release()
    with client.lock("gate", ttl=5) as held:
        assert held.is_acquired()


def cluster(client):
    status = client.status()
    members = list(client.members)
    assert status.version and status.leader.id in [member.id for member in members]
    assert all(member.client_urls and member.peer_urls for member in members)
    assert isinstance(client.hash(), int)
    client.defragment()
    assert list(client.list_alarms()) == [] and client.disarm_alarm() is not None
    with open(sys.argv[3], "wb+") as file:
        client.snapshot(file)
        assert file.tell() > 512
    client.compact(client.get_response("any").header.revision, physical=True)


def main():
    client = etcd3.client(host=HOST, port=PORT, timeout=DEADLINE, ca_cert=sys.argv[4] if len(sys.argv) > 4 else None)
    for step in (keys, txn, leases, watches, locks, cluster):
        step(client)
        print(f"{step.__name__}: ok", flush=True)
    client.close()
    print("PASSED")


main()
