using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RaftKv.Client.Calls;
using RaftKv.Client.Errors;
using RaftKv.Client.Http;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Watch;

/// <summary>
/// One watch over all its connections: it keeps the position, resumes elsewhere, and drops what it has delivered already.
/// One enumeration, one thread at a time.
/// </summary>
internal sealed class WatchRun
{
    private const int SilentIntervals = 3;

    private readonly RequestSender _sender;
    private readonly RaftKvClientOptions _settings;
    private readonly WatchOptions _options;
    private readonly string _scope;
    private readonly HashSet<int> _tried = [];
    private readonly List<KeyValueEntry> _snapshot = [];

    // The next revision to deliver; null until the first connection has told its position.
    private long? _next;
    private bool _needsSnapshot;
    private bool _isCancelled;
    private int _failures;

    /// <param name="scope">Query parameters that say which keys.</param>
    internal WatchRun(RequestSender sender, RaftKvClientOptions settings, string scope, WatchOptions options)
    {
        _sender = sender;
        _settings = settings;
        _scope = scope;
        _options = options;
        _next = options.StartRevision;
        _needsSnapshot = options.OnCompacted == WatchCompaction.Snapshot && options.StartRevision is null;
    }

    /// <summary>Runs until cancelled; every failure that another attempt may mend is waited out.</summary>
    internal async IAsyncEnumerable<WatchBatch> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            using StreamAnswer? stream = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            if (stream is null)
            {
                continue;
            }

            using Stream bytes = await stream.Response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            LineReader lines = new(bytes);
            using ConnectionSilence guard = new(_options.BookmarkInterval * SilentIntervals, _settings.TimeProvider, cancellationToken);
            while (await ReadAsync(lines, guard, stream, cancellationToken).ConfigureAwait(false) is { } message)
            {
                if (Take(message, stream) is { } batch)
                {
                    yield return batch;
                }
            }
        }
    }

    /// <summary>A connection; null when there is none now and another attempt is due.</summary>
    private async Task<StreamAnswer?> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_failures > 0 && _tried.Count >= _settings.Endpoints.Count)
        {
            // Every endpoint has failed since the last message: from here on with growing waits.
            TimeSpan wait = RetryPolicy.Backoff(Math.Min(_failures, 10), _settings.Jitter());
            await Task.Delay(wait, _settings.TimeProvider, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            StreamAnswer stream = await _sender.OpenStreamAsync(MakeRequest(), _tried, cancellationToken).ConfigureAwait(false);
            if (_next is null && !_needsSnapshot)
            {
                _next = stream.Metadata.Revision + 1;
            }

            _snapshot.Clear();
            _isCancelled = false;
            _options.Connected?.Invoke(stream.Metadata);
            return stream;
        }
        catch (RaftKvCompactedException e)
        {
            RestartFromSnapshot(e);
            return null;
        }
        catch (RaftKvException e) when (e is RaftKvUnavailableException or RaftKvConsistencyUnmetException)
        {
            Lose(e);
            return null;
        }
    }

    private RequestSpec MakeRequest()
    {
        string query = _scope;
        if (_needsSnapshot)
        {
            query = RequestSpecs.Join(query, "snapshot=true");
        }
        else if (_next is { } next)
        {
            query = RequestSpecs.Join(query, string.Create(CultureInfo.InvariantCulture, $"startRevision={next}"));
        }

        query = _options.WithPreviousValues ? RequestSpecs.Join(query, "prevValue=true") : query;
        query = _options.Only is { } only ? RequestSpecs.Join(query, only == WatchEventType.Put ? "filter=put" : "filter=delete") : query;
        query = RequestSpecs.Join(query, "bookmarkInterval=" + Durations.ToText(_options.BookmarkInterval));
        RequestSpec spec = RequestSpecs.Read("/api/v1/watch?" + query, new ReadOptions { Level = _options.Level }, _settings.Consistency);

        // The level is asked for once; then every node has the whole stream by itself, at any level but the leader's own.
        return spec with
        {
            Headers = [.. spec.Headers, ("Accept", "application/x-ndjson")],
            PrefersZone = (_options.Level ?? _settings.Consistency) != ReadLevel.Lease,
        };
    }

    /// <summary>The next message; null when the connection is over and another is due.</summary>
    private async Task<WatchMessage?> ReadAsync(
        LineReader lines, ConnectionSilence guard, StreamAnswer stream, CancellationToken cancellationToken)
    {
        try
        {
            while (!_isCancelled)
            {
                ReadOnlyMemory<byte>? line = await lines.ReadAsync(guard.Begin()).ConfigureAwait(false);
                guard.End();
                if (line is null)
                {
                    Lose(stream, new IOException("The node ended the stream."));
                    return null;
                }

                if (!line.Value.IsEmpty)
                {
                    return JsonSerializer.Deserialize(line.Value.Span, AnswerJson.Default.WatchMessage);
                }
            }

            return null;
        }
        catch (Exception e) when (Loss.Is(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Lose(stream, e is OperationCanceledException ? new TimeoutException("The stream fell silent.", e) : e);
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw Broken(stream, "a line of the watch is not the JSON that was expected", e);
        }
    }

    /// <summary>What a message means to the consumer; null for nothing.</summary>
    private WatchBatch? Take(WatchMessage message, StreamAnswer stream)
    {
        if (message.Type is StreamMessages.Change or StreamMessages.Bookmark or StreamMessages.Snapshot)
        {
            _failures = 0;
            _tried.Clear();
        }

        long revision = message.Revision ?? 0;
        switch (message.Type)
        {
            case StreamMessages.Change:
                if (revision < _next)
                {
                    // Delivered before the connection broke.
                    return null;
                }

                _next = revision + 1;
                return new WatchChanges(revision, WatchMapping.ToEvents(message, ToAnswer(stream)));
            case StreamMessages.Bookmark:
                if (_needsSnapshot || revision + 1 < _next)
                {
                    return null;
                }

                _next = revision + 1;
                return _options.WithBookmarks ? new WatchBookmark(revision) : null;
            case StreamMessages.Snapshot:
                return TakeSnapshot(message, stream);
            case StreamMessages.Cancel:
                TakeCancel(message, stream);
                return null;
            default:
                // A kind of message of a newer server: what this client must know is in the kinds above.
                return null;
        }
    }

    private WatchSnapshot? TakeSnapshot(WatchMessage message, StreamAnswer stream)
    {
        _snapshot.AddRange(WireMapping.ToEntries(message.Pairs, ToAnswer(stream)));
        if (message.Complete != true)
        {
            return null;
        }

        long revision = message.Revision ?? 0;
        WatchSnapshot whole = new(revision, [.. _snapshot]);
        _snapshot.Clear();
        _needsSnapshot = false;
        _next = revision + 1;
        return whole;
    }

    /// <summary>The node ends the stream, with a reason.</summary>
    private void TakeCancel(WatchMessage message, StreamAnswer stream)
    {
        _isCancelled = true;
        string text = $"{stream.Metadata.ServedBy ?? "The node"} ended the watch, {message.Code}: {message.Detail ?? "no explanation"}.";
        if (message.Code != ErrorCodes.Compacted)
        {
            Lose(stream, new IOException(text));
            return;
        }

        Failure failure = new(ErrorCodes.Compacted, text, Outcome.NotApplied)
        {
            Status = 410,
            Node = stream.Metadata.ServedBy,
            CompactedRevision = message.CompactedRevision,
        };
        RestartFromSnapshot(failure.ToException());
    }

    /// <exception cref="RaftKvCompactedException">The consumer did not ask for snapshots.</exception>
    private void RestartFromSnapshot(RaftKvException compacted)
    {
        if (_options.OnCompacted != WatchCompaction.Snapshot)
        {
            throw compacted;
        }

        _options.Disconnected?.Invoke(compacted);
        _needsSnapshot = true;
    }

    private void Lose(StreamAnswer stream, Exception reason)
    {
        _sender.MarkFailed(stream.EndpointIndex);
        _tried.Add(stream.EndpointIndex);
        Lose(reason);
    }

    private void Lose(Exception reason)
    {
        _failures++;
        ClientMetrics.WatchResumptions.Add(1);
        _options.Disconnected?.Invoke(reason);
    }

    private static Answer ToAnswer(StreamAnswer stream) => new((int)stream.Response.StatusCode, [], stream.Metadata);

    private static RaftKvProtocolException Broken(StreamAnswer stream, string what, Exception inner) =>
        WireMapping.Broken(ToAnswer(stream), RequestKind.Read, what, inner);
}
