"""python3-etcd3 with a name and a password over TLS: HOST PORT, the file of the root, USER and PASSWORD. Ends with 77 where it is not installed."""
import sys

try:
    import etcd3
    import grpc
except ImportError as error:
    print(f"SKIPPED: {error}; on Debian: apt-get install python3-etcd3")
    sys.exit(77)

HOST, PORT, CA, USER, PASSWORD = sys.argv[1:6]


def refused(call, code, word):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code and word in error.details(), (error.code(), error.details())
        return
    raise AssertionError(f"was not refused: {word}")


def client_of(password):
    return etcd3.client(host=HOST, port=int(PORT), ca_cert=CA, user=USER, password=password, timeout=20)


client = client_of(PASSWORD)
client.put("app/python", "one")
assert client.get("app/python")[0] == b"one"
assert [value for value, _ in client.get_prefix("app/py")] == [b"one"]
refused(lambda: client.put("other/python", "no"), grpc.StatusCode.PERMISSION_DENIED, "permission denied")
refused(lambda: client.get("other/python"), grpc.StatusCode.PERMISSION_DENIED, "permission denied")
assert client.delete("app/python")
refused(lambda: client_of(PASSWORD + "!"), grpc.StatusCode.INVALID_ARGUMENT, "authentication failed")
print("PASSED")
