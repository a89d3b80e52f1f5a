using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RaftKv.Bench.Nodes;

/// <summary>
/// Puts at even intervals, however slowly they are answered: what could not begin when it was due counts its latency from then.
/// Where a node does not take one, the same is put at the next node, as RaftKv.Client does it: at once, until each of them was
/// asked; after that, at pauses.
/// </summary>
internal sealed class SteadyPuts : IDisposable
{
    internal const int KeyBytes = 16;
    private const int Workers = 64;

    // Digits of the number that a value begins with.
    private const int NumberDigits = 19;

    // A prime beyond every number of keys: each key is put once before any is put again, so that no key has two puts under way.
    private const long Stride = 2_147_483_647;

    private static readonly TimeSpan _attemptPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _repeatWait = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly double _perSecond;
    private readonly TimeSpan _patience;
    private readonly string _padding;
    private readonly long[] _acknowledged;
    private readonly long _start = Stopwatch.GetTimestamp();
    private Task[] _workers = [];
    private volatile Uri[] _endpoints;
    private volatile PutFigures _figures = new("nothing");

    internal SteadyPuts(IEnumerable<Uri> endpoints, NodesOptions options, TimeSpan patience)
    {
        _endpoints = [.. endpoints];
        _perSecond = options.Rate;
        _patience = patience;
        _padding = new string('x', Math.Max(0, options.ValueBytes - NumberDigits));
        _acknowledged = new long[options.Keys];
        Array.Fill(_acknowledged, -1);
    }

    /// <summary>By key, the number of its newest acknowledged put; -1 where there was none. To be read after the end.</summary>
    internal IReadOnlyList<long> Acknowledged => _acknowledged;

    internal static string KeyOf(long number) => "k" + number.ToString("D15", CultureInfo.InvariantCulture);

    /// <summary>The number of the put that wrote this value; null when none of this load did.</summary>
    internal static long? NumberOf(string value)
    {
        string digits = value[..Math.Min(NumberDigits, value.Length)];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    /// <summary>Puts that are due from now on are counted there.</summary>
    internal PutFigures Begin(string name)
    {
        PutFigures figures = new(name);
        _figures.End();
        _figures = figures;
        if (_workers.Length == 0)
        {
            _workers = [.. Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(worker)))];
        }

        return figures;
    }

    /// <summary>The nodes that there are from now on.</summary>
    internal void Use(IEnumerable<Uri> endpoints) => _endpoints = [.. endpoints];

    /// <summary>Returns when what was due is answered, or given up.</summary>
    internal async Task EndAsync()
    {
        _figures.End();
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
    }

    public void Dispose() => _stop.Dispose();

    private async Task WorkAsync(int worker)
    {
        Dictionary<Uri, HttpConnection> connections = [];
        int place = worker;
        for (long number = worker; ; number += Workers)
        {
            long due = _start + (long)(number / _perSecond * Stopwatch.Frequency);
            long now = Stopwatch.GetTimestamp();
            if (due > now)
            {
                await Task.Delay(Stopwatch.GetElapsedTime(now, due), _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);

                // A timer's own lateness is not the server's.
                due = Stopwatch.GetTimestamp();
            }

            if (_stop.IsCancellationRequested)
            {
                break;
            }

            place = await PutAsync(number, due, place, connections);
        }

        foreach (HttpConnection connection in connections.Values)
        {
            connection.Dispose();
        }
    }

    // Gives the place of the node that took it: the next put begins there.
    private async Task<int> PutAsync(long number, long due, int place, Dictionary<Uri, HttpConnection> connections)
    {
        PutFigures figures = _figures;
        int key = (int)(number % _acknowledged.Length * (Stride % _acknowledged.Length) % _acknowledged.Length);
        long begun = Stopwatch.GetTimestamp();
        for (int tries = 1; ; tries++)
        {
            Uri[] endpoints = _endpoints;
            Uri endpoint = endpoints[place % endpoints.Length];
            if (!connections.TryGetValue(endpoint, out HttpConnection? connection))
            {
                connections[endpoint] = connection = new HttpConnection(endpoint);
            }

            int status = await TryAsync(connection, Request(endpoint, key, number));
            if (status is >= 200 and < 300)
            {
                lock (_lock)
                {
                    figures.Latencies.Record(Stopwatch.GetElapsedTime(due).Ticks / TimeSpan.TicksPerMicrosecond);
                    _acknowledged[key] = number;
                }

                return place;
            }

            place++;
            bool isOver = Stopwatch.GetElapsedTime(begun) > _patience;
            lock (_lock)
            {
                figures.Repeated[status] = figures.Repeated.GetValueOrDefault(status) + (isOver ? 0 : 1);
                figures.Failed += isOver ? 1 : 0;
            }

            if (isOver)
            {
                return place;
            }

            if (tries >= endpoints.Length)
            {
                await Task.Delay(_repeatWait);
            }
        }
    }

    private static async Task<int> TryAsync(HttpConnection connection, ReadOnlyMemory<byte> request)
    {
        using CancellationTokenSource patience = new(_attemptPatience);
        try
        {
            return await connection.ExchangeAsync(request, patience.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return 0;
        }
    }

    private byte[] Request(Uri endpoint, int key, long number) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"PUT /api/v1/kv/{KeyOf(key)} HTTP/1.1\r\nHost: {endpoint.Authority}\r\nContent-Type: application/octet-stream\r\n"
            + $"Content-Length: {NumberDigits + _padding.Length}\r\n\r\n{number:D19}{_padding}"));
}
