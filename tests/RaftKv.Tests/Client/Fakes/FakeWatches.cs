using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace RaftKv.Tests.Client.Fakes;

/// <summary>The streams of the fake. Safe from any thread.</summary>
internal sealed class FakeWatches(FakeStore store)
{
    private readonly List<FakeStream> _streams = [];

    internal int OpenCount
    {
        get
        {
            lock (store.Gate)
            {
                return _streams.Count;
            }
        }
    }

    /// <summary>Ends the streams of a host; of all hosts when null.</summary>
    internal void Break(string? host = null)
    {
        lock (store.Gate)
        {
            foreach (FakeStream stream in _streams.Where(stream => host is null || stream.Host == host).ToList())
            {
                stream.End();
                _streams.Remove(stream);
            }
        }
    }

    /// <summary>Writes the same line, or bytes of one, into all streams.</summary>
    internal void Send(string text)
    {
        lock (store.Gate)
        {
            _streams.ForEach(stream => stream.Write(text));
        }
    }

    internal HttpResponseMessage Open(FakeRequest request)
    {
        lock (store.Gate)
        {
            bool isSnapshot = request.Query["snapshot"] == "true";
            long next = request.Query["startRevision"] is { } start ? long.Parse(start) : store.Revision + 1;
            bool isGone = next < store.CompactedRevision;
            if (isGone && !isSnapshot)
            {
                return FakeJson.Problem(410, "compacted", more: new JsonObject { ["compactedRevision"] = store.CompactedRevision });
            }

            FakeStream stream = new(request.Host, request.Range(), store, next);
            if (isSnapshot)
            {
                stream.WriteSnapshot();
            }

            _streams.Add(stream);
            HttpResponseMessage response = new(HttpStatusCode.OK) { Content = new StreamContent(stream.Output) };
            response.Headers.TryAddWithoutValidation("RaftKv-Revision", $"{store.Revision}");
            _ = PumpAsync(stream);
            return response;
        }
    }

    private async Task PumpAsync(FakeStream stream)
    {
        while (true)
        {
            Task changed;
            lock (store.Gate)
            {
                if (!_streams.Contains(stream))
                {
                    return;
                }

                if (!stream.CatchUp())
                {
                    _streams.Remove(stream);
                    return;
                }

                changed = store.Changed;
            }

            await changed;
        }
    }

    private sealed class FakeStream(string host, Func<string, bool> isInside, FakeStore store, long next)
    {
        private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
        private long _next = next;

        internal string Host => host;

        internal Stream Output => _pipe.Reader.AsStream();

        internal void Write(string text)
        {
            _pipe.Writer.Write(Encoding.UTF8.GetBytes(text));
            _ = _pipe.Writer.FlushAsync().AsTask();
        }

        internal void End() => _pipe.Writer.Complete();

        /// <summary>The state in two parts, so that the client must put them together.</summary>
        internal void WriteSnapshot()
        {
            List<KeyValuePair<string, FakePair>> pairs = store.Range(isInside);
            WritePart(pairs.Take(pairs.Count / 2), isComplete: false);
            WritePart(pairs.Skip(pairs.Count / 2), isComplete: true);
            _next = store.Revision + 1;
        }

        /// <summary>False when it had to be cancelled.</summary>
        internal bool CatchUp()
        {
            if (_next < store.CompactedRevision)
            {
                Write($$"""{"type":"cancel","code":"compacted","compactedRevision":{{store.CompactedRevision}},"detail":"gone"}""" + "\n");
                End();
                return false;
            }

            foreach (FakeChange change in store.ChangesFrom(_next))
            {
                FakeEvent[] events = [.. change.Events.Where(item => isInside(item.Key))];
                if (events.Length > 0)
                {
                    Write(FakeJson.Change(change, events).ToJsonString() + "\n");
                }

                _next = change.Revision + 1;
            }

            return true;
        }

        private void WritePart(IEnumerable<KeyValuePair<string, FakePair>> pairs, bool isComplete)
        {
            JsonArray list = [];
            foreach ((string key, FakePair pair) in pairs)
            {
                list.Add(FakeJson.Pair(key, pair));
            }

            JsonObject part = new() { ["type"] = "snapshot", ["revision"] = store.Revision, ["pairs"] = list, ["complete"] = isComplete };
            Write(part.ToJsonString() + "\n");
        }
    }
}
