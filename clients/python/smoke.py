"""Uses the client against a node that runs: python3 smoke.py http://127.0.0.1:2379. Its last line says how many checks passed."""

import sys

from raftkv import RaftKv, RaftKvError

checks = 0


def check(is_so: bool, what: str) -> None:
    global checks
    if not is_so:
        raise SystemExit("not so: " + what)
    checks += 1


def refusal(call) -> RaftKvError:
    try:
        call()
    except RaftKvError as error:
        return error
    raise SystemExit("not refused")


def main(url: str) -> None:
    kv = RaftKv(url)
    key = "smoke/python/a b%2F\u00e9"
    first = kv.put_key(key, b"one", if_none_match="*")
    check(first.status == 201 and first.body["modRevision"] == first.revision, "a key is created")
    read = kv.get_key(key, consistency="session", session=first.session)
    check(read.body["key"] == key and read.body["value"] == "one", "and read, name and value as they were")
    check(read.consistency == "session" and read.etag == '"%d"' % first.revision, "with the headers of the answer")
    check(kv.get_key(key, raw=True).body == b"one", "and read as bytes")
    check(kv.get_key(key, if_none_match=read.etag).status == 304, "a condition on a read is 304 without a body")
    lost = refusal(lambda: kv.put_key(key, "two", if_match='"1"'))
    check((lost.status, lost.code, lost.applied) == (412, "precondition-failed", "no"), "a condition on a write is kept")
    check(refusal(lambda: kv.get_key("smoke/python/none")).status == 404, "what is not there is 404")
    check(refusal(lambda: kv.get_key(key, consistency="strongish")).code == "invalid-request", "an unknown level is refused")

    once = kv.put_key(key, "two", idempotency_key="smoke-python-1")
    again = kv.put_key(key, "two", idempotency_key="smoke-python-1")
    check(again.revision == once.revision and again.headers["raftkv-replayed"] == "true", "a repeat has the first answer")
    txn = kv.run_transaction(
        {
            "compare": [{"key": key, "target": "value", "op": "=", "operand": "two"}],
            "then": [{"put": {"key": "smoke/python/x", "value": "1"}}],
            "else": [{"get": {"key": key}}],
        }
    )
    check(txn.body["succeeded"] is True, "a transaction compares and writes")
    check(kv.increment_counter("smoke/python/count", {"by": 2}).body["value"] == 2, "a counter counts")
    page = kv.list_keys(prefix="smoke/python/", limit=2)
    check(len(page.body["items"]) == 2, "a page has as many as asked")

    with kv.watch(prefix="smoke/python/", start_revision=first.revision, limit=1).body as changes:
        change = next(iter(changes))
        check(change.event == "change" and change.data["events"][0]["key"] == key, "a watch tells the first change")
    with kv.watch(prefix="smoke/python/", start_revision=first.revision, limit=1, accept="application/x-ndjson").body as lines:
        check(next(iter(lines)).data["revision"] == first.revision, "and so it does in lines")

    lock = kv.acquire_lock("smoke/python", {"ttl": "30s", "wait": "0s", "owner": "smoke"})
    token = lock.body["fencingToken"]
    held = refusal(lambda: kv.acquire_lock("smoke/python", {"wait": "0s", "owner": "other"}))
    check(held.code == "lock-held", "a lock is held")
    fence = "smoke%%2Fpython;token=%d" % token
    check(kv.put_key("smoke/python/x", "2", fence=fence).status == 200, "its holder writes")
    kv.release_lock("smoke/python", token)
    check(refusal(lambda: kv.put_key("smoke/python/x", "3", fence=fence)).code == "fence-lost", "and afterwards does not")

    check(kv.get_status().body["role"] in ("leader", "follower"), "the status has a role")
    check(isinstance(kv.live().body, str), "a probe is text")
    check(kv.delete_keys(prefix="smoke/python/").body["deleted"] >= 3, "a prefix is deleted")
    nobody = refusal(lambda: RaftKv("http://127.0.0.1:1").put_key("a", "b"))
    check((nobody.code, nobody.applied) == ("no-answer", "no"), "nobody there: surely not applied")
    print("%d checks passed" % checks)


if __name__ == "__main__":
    main(sys.argv[1])
