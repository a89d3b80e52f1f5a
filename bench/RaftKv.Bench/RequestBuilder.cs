using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace RaftKv.Bench;

/// <summary>
/// Makes requests by patching a key into bytes that are laid out once, so that a request costs the generator next to
/// nothing. One loop.
/// </summary>
internal sealed class RequestBuilder
{
    private readonly BenchOptions _options;
    private readonly bool _isEtcd;
    private readonly byte[] _key;
    private readonly string _value;
    private readonly Template _put;
    private readonly Template _get;
    private readonly Template _txn;

    internal RequestBuilder(BenchOptions options, Uri endpoint, int seed)
    {
        _options = options;
        _isEtcd = options.Protocol == BenchProtocol.EtcdGateway;
        _key = Encoding.ASCII.GetBytes("k" + new string('0', options.KeyBytes - 1));

        // Letters, so that both servers take it as it is; different ones for each connection, so that nothing can be
        // shared.
        Random random = new(seed);
        _value = string.Create(options.ValueBytes, random, static (span, r) =>
        {
            foreach (ref char c in span)
            {
                c = (char)('a' + r.Next(26));
            }
        });
        string host = endpoint.Authority;
        _put = _isEtcd ? EtcdPut(host) : Raftkv("PUT", "", host, _value, "application/octet-stream", level: null);
        _get = _isEtcd
            ? EtcdGet(host)
            : Raftkv("GET", options.IsRaw ? "?raw" : "", host, body: null, contentType: null, LevelOf(options));
        _txn = _isEtcd ? EtcdTxn(host) : RaftkvTxn(host);
    }

    internal ReadOnlyMemory<byte> Put(int number) => Patch(_put, number);

    internal ReadOnlyMemory<byte> Get(int number) => Patch(_get, number);

    /// <summary>A txn whose condition always holds, with one put.</summary>
    internal ReadOnlyMemory<byte> Txn(int number) => Patch(_txn, number);

    /// <summary>A txn that puts the keys from first on.</summary>
    internal ReadOnlyMemory<byte> Batch(Uri endpoint, int first, int count)
    {
        StringBuilder body = new(_isEtcd ? "{\"success\":[" : "{\"then\":[");
        for (int number = first; number < first + count; number++)
        {
            string key = Encoding.ASCII.GetString(KeyOf(number));
            body.Append(number == first ? "" : ",");
            body.Append(_isEtcd
                ? $"{{\"requestPut\":{{\"key\":\"{Base64Of(key)}\",\"value\":\"{Base64Of(_value)}\"}}}}"
                : $"{{\"put\":{{\"key\":\"{key}\",\"value\":\"{_value}\"}}}}");
        }

        string path = _isEtcd ? "/v3/kv/txn" : "/api/v1/txn";
        return Request("POST", path, endpoint.Authority, body.Append("]}").ToString(), "application/json", level: null);
    }

    private byte[] Request(string method, string target, string host, string? body, string? contentType, string? level)
    {
        StringBuilder text = new($"{method} {target} HTTP/1.1\r\nHost: {host}\r\n");
        text.Append(level is null ? "" : $"RaftKv-Consistency: {level}\r\n");
        text.Append(_options.Token is null ? "" : $"Authorization: {(_isEtcd ? "" : "Bearer ")}{_options.Token}\r\n");
        text.Append(body is null ? "" : $"Content-Type: {contentType}\r\nContent-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n");
        return Encoding.ASCII.GetBytes(text.Append("\r\n").Append(body).ToString());
    }

    // The level and what belongs to it; further header lines ride along.
    private static string LevelOf(BenchOptions options) =>
        options.Level
        + (options.Level == "bounded" ? $"\r\nRaftKv-Max-Staleness: {options.MaxStaleness}" : "")
        + (options.Session is null ? "" : $"\r\nRaftKv-Session: {options.Session}");

    private static string Base64Of(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private Template Raftkv(string method, string query, string host, string? body, string? contentType, string? level) =>
        new(Request(method, "/api/v1/kv/" + Encoding.ASCII.GetString(_key) + query, host, body, contentType, level), _key, IsBase64: false);

    private Template RaftkvTxn(string host)
    {
        string key = Encoding.ASCII.GetString(_key);
        string body = $"{{\"compare\":[{{\"key\":\"{key}\",\"target\":\"version\",\"op\":\">\",\"operand\":-1}}],"
            + $"\"then\":[{{\"put\":{{\"key\":\"{key}\",\"value\":\"{_value}\"}}}}]}}";
        return new(Request("POST", "/api/v1/txn", host, body, "application/json", level: null), _key, IsBase64: false);
    }

    private Template EtcdPut(string host) => Etcd("/v3/kv/put", host, $"{{\"key\":\"{Key64}\",\"value\":\"{Base64Of(_value)}\"}}");

    private Template EtcdGet(string host) =>
        Etcd("/v3/kv/range", host, $"{{\"key\":\"{Key64}\"{(_options.IsEventual ? ",\"serializable\":true" : "")}}}");

    private Template EtcdTxn(string host) => Etcd(
        "/v3/kv/txn",
        host,
        $"{{\"compare\":[{{\"key\":\"{Key64}\",\"target\":\"VERSION\",\"result\":\"GREATER\",\"version\":\"-1\"}}],"
            + $"\"success\":[{{\"requestPut\":{{\"key\":\"{Key64}\",\"value\":\"{Base64Of(_value)}\"}}}}]}}");

    private Template Etcd(string path, string host, string body) =>
        new(Request("POST", path, host, body, "application/json", level: null), Encoding.ASCII.GetBytes(Key64), IsBase64: true);

    private string Key64 => Convert.ToBase64String(_key);

    private ReadOnlySpan<byte> KeyOf(int number)
    {
        Span<byte> digits = _key.AsSpan(1);
        for (int index = digits.Length - 1; index >= 0; index--)
        {
            digits[index] = (byte)('0' + (number % 10));
            number /= 10;
        }

        return _key;
    }

    private ReadOnlyMemory<byte> Patch(Template template, int number)
    {
        ReadOnlySpan<byte> key = KeyOf(number);
        foreach (int offset in template.Offsets)
        {
            Span<byte> place = template.Bytes.AsSpan(offset, template.KeyLength);
            if (template.IsBase64)
            {
                Base64.EncodeToUtf8(key, place, out _, out _);
            }
            else
            {
                key.CopyTo(place);
            }
        }

        return template.Bytes;
    }

    /// <summary>A request's bytes and where its key stands.</summary>
    private sealed class Template
    {
        internal Template(byte[] bytes, byte[] key, bool IsBase64)
        {
            Bytes = bytes;
            KeyLength = key.Length;
            this.IsBase64 = IsBase64;
            for (int from = 0; bytes.AsSpan(from).IndexOf(key) is >= 0 and var found; from += found + key.Length)
            {
                Offsets.Add(from + found);
            }
        }

        internal byte[] Bytes { get; }

        internal int KeyLength { get; }

        internal bool IsBase64 { get; }

        internal List<int> Offsets { get; } = [];
    }
}
