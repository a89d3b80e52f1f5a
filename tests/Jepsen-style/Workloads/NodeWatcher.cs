using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Watches a prefix at one node through all that happens to it, and goes on after each break where the last stream
/// ended. Writes down every message as it came.
/// </summary>
internal sealed class NodeWatcher(string name, ServerProcess node, string prefix, HistoryRecorder history)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(20);

    private long _told = -1;

    /// <summary>Watches until cancelled, and then until it was told everything that had happened by then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{node.ClientPort}"), Timeout = Timeout.InfiniteTimeSpan };
        while (!cancellationToken.IsCancellationRequested)
        {
            await StreamAsync(http, until: null, cancellationToken);
        }

        using var patience = new CancellationTokenSource(CatchUp);
        long end = await RevisionAsync(http, patience.Token);
        while (_told < end && !patience.IsCancellationRequested)
        {
            await StreamAsync(http, end, patience.Token);
        }

        // Not told in time: the checker finds what is missing, if anything is.
        history.Add(new WatchEnded(name, end));
    }

    private async Task StreamAsync(HttpClient http, long? until, CancellationToken cancellationToken)
    {
        long start = _told < 0 ? 0 : _told + 1;
        string from = start > 0 ? string.Create(CultureInfo.InvariantCulture, $"&startRevision={start}") : "";
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/watch?prefix={prefix}&bookmarkInterval=500ms{from}");
        request.Headers.Add("Accept", "application/x-ndjson");
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            response.EnsureSuccessStatusCode();
            history.Add(new WatchOpened(name, node.Name, start, history.NowNs));
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (until is null || _told < until)
            {
                // A node that is cut off or stands still says nothing; the watch is opened anew after a while.
                if (await reader.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Silence, cancellationToken) is not { } line)
                {
                    return;
                }

                history.Add(new WatchTold(name, line));
                using JsonDocument message = JsonDocument.Parse(line);
                _told = message.RootElement.TryGetProperty("revision", out JsonElement revision) ? revision.GetInt64() : _told;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException or OperationCanceledException or JsonException)
        {
            // Half a line is none: what it was about comes again.
            await Task.Delay(100, CancellationToken.None);
        }
    }

    private async Task<long> RevisionAsync(HttpClient http, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using HttpResponseMessage response = await http.GetAsync($"/api/v1/kv?prefix={prefix}&countOnly", cancellationToken);
                response.EnsureSuccessStatusCode();
                return long.Parse(response.Headers.GetValues(HeaderNames.Revision).Single(), CultureInfo.InvariantCulture);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }
}
