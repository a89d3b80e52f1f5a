using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RaftKv.Contract;

namespace RaftKv.JepsenStyle.Fakes;

/// <summary>
/// A node of a fake cluster that speaks as much of the API as the workloads use, and can be told to break a promise. It
/// shows that the whole suite, from process to verdict, notices: a checker that never saw a bad server proves little.
/// </summary>
internal sealed class FakeNode(string fault, string name, string directory)
{
    /// <summary>The faults that can be asked for.</summary>
    public static readonly string[] Faults = ["none", "lose-acks", "stale-reads", "refuse-but-apply", "add-twice"];

    private static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();
    private readonly SharedLog _log = new(directory);
    private readonly List<(string Key, string Value)> _unflushed = [];
    private readonly Random _random = new(name.GetHashCode(StringComparison.Ordinal));
    private FileStream? _leadership;
    private long _term;

    /// <summary>Serves until killed.</summary>
    public static int Serve(string fault, string[] args)
    {
        string Option(string option) => args[Array.IndexOf(args, option) + 1];
        string data = Option("--data-dir");
        Directory.CreateDirectory(data);
        var node = new FakeNode(fault, Option("--name"), Path.GetDirectoryName(data)!);
        var listener = new TcpListener(IPAddress.Loopback, new Uri(Option("--client")).Port);
        listener.Start();
        new Thread(node.Campaign) { IsBackground = true }.Start();
        while (true)
        {
            Socket socket = listener.AcceptSocket();
            new Thread(() => node.ServeConnection(socket)) { IsBackground = true }.Start();
        }
    }

    /// <summary>
    /// Leads when it gets hold of a file, in a new term each time; flushes what "lose-acks" holds back.
    /// </summary>
    private void Campaign()
    {
        string termFile = Path.Combine(directory, "term");
        while (true)
        {
            lock (_gate)
            {
                if (_leadership is null && (_leadership = SharedLog.TryAcquire(Path.Combine(directory, "leader.lock"))) is not null)
                {
                    _term = 1 + (File.Exists(termFile) ? long.Parse(File.ReadAllText(termFile), CultureInfo.InvariantCulture) : 0);
                    File.WriteAllText(termFile, _term.ToString(CultureInfo.InvariantCulture));
                }

                Flush();
            }

            Thread.Sleep(FlushEvery);
        }
    }

    private void Flush()
    {
        if (_unflushed.Count > 0)
        {
            _log.Exclusively(() => _unflushed.ConvertAll(write => _log.Append(write.Key, write.Value)));
            _unflushed.Clear();
        }
    }

    private void ServeConnection(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        try
        {
            while (reader.ReadLine() is { } requestLine)
            {
                var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                while (reader.ReadLine() is { Length: > 0 } header)
                {
                    int colon = header.IndexOf(':', StringComparison.Ordinal);
                    headers[header[..colon]] = header[(colon + 1)..].Trim();
                }

                char[] body = new char[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
                reader.ReadBlock(body);
                string[] words = requestLine.Split(' ');
                stream.Write(Encoding.Latin1.GetBytes(Answer(words[0], words[1], headers, new string(body))));
            }
        }
        catch (IOException)
        {
            // The client hung up.
        }
    }

    private string Answer(string method, string target, Dictionary<string, string> headers, string body)
    {
        lock (_gate)
        {
            string path = target.Split('?')[0];
            return (method, path) switch
            {
                ("GET", "/readyz" or "/api/v1/status") => Format(200, "{}"),
                ("GET", "/api/v1/kv") => List(Uri.UnescapeDataString(target.Split("prefix=")[1].Split('&')[0])),
                ("GET", _) => Read(path["/api/v1/kv/".Length..]),
                ("POST", _) => Write(path["/api/v1/counters/".Length..], headers, old => Number(old) + 1),
                _ => Write(path["/api/v1/kv/".Length..], headers, _ => long.Parse(body, CultureInfo.InvariantCulture)),
            };
        }
    }

    private string List(string prefix) => _log.Exclusively(() =>
        Format(200, $$"""{"items":[{{string.Join(',', _log.Below(prefix).Select(pair => pair.ToJson()))}}],"cursor":null}"""));

    private string Read(string key)
    {
        bool isStale = fault == "stale-reads" && _random.Next(2) == 0;
        FakePair? pair = isStale ? _log.Get(key) : _log.Exclusively(() => _log.Get(key));
        return pair is null ? Format(404, """{"code":"key-not-found"}""") : Format(200, pair.ToJson());
    }

    private string Write(string key, Dictionary<string, string> headers, Func<FakePair?, long> next) => _log.Exclusively(() =>
    {
        FakePair? old = _log.Get(key);
        bool isExcluded = (headers.ContainsKey("If-None-Match") && old is not null)
            || (headers.TryGetValue("If-Match", out string? revision) && revision != $"\"{old?.ModRevision}\"");
        if (isExcluded)
        {
            return Format(412, """{"code":"precondition-failed","applied":"no"}""");
        }

        string value = next(old).ToString(CultureInfo.InvariantCulture);
        if (fault == "lose-acks" && _random.Next(4) == 0)
        {
            _unflushed.Add((key, value));
            return Format(200, "{}");
        }

        FakePair written = _log.Append(key, value);
        if (fault == "add-twice" && _random.Next(50) == 0)
        {
            written = _log.Append(key, next(written).ToString(CultureInfo.InvariantCulture));
        }

        return fault == "refuse-but-apply" && _random.Next(50) == 0
            ? Format(503, """{"code":"no-leader","applied":"no"}""")
            : Format(old is null ? 201 : 200, $$"""{"value":{{written.Value}}}""", $"ETag: \"{written.ModRevision}\"\r\n");
    });

    private string Format(int status, string body, string extra = "") => string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\nRaftKv-Role: {(_leadership is null ? "follower" : "leader")}\r\n"
        + $"{HeaderNames.Term}: {_term}\r\nRaftKv-Revision: {_log.Revision}\r\n{extra}\r\n{body}");

    private static long Number(FakePair? pair) => pair is null ? 0 : long.Parse(pair.Value, CultureInfo.InvariantCulture);
}
