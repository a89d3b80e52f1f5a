using System.Threading.Channels;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Engine;
using RaftKv.Service.Observing;
using RaftKv.Service.Refusals;

namespace RaftKv.Audit;

/// <summary>
/// Writes down who did what: writes, changes of access, watches and refusals, and reads where that is asked for. Calls don't
/// wait for it: lines go through a bounded queue to one writer; those beyond it are lost, counted, and the next line says so.
/// Any thread.
/// </summary>
internal sealed class AuditLog : ICallObserver, IAsyncDisposable
{
    // Some megabytes at most, and seconds of a busy node.
    private const int MaxWaiting = 16_384;

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly IAuditSink[] _sinks;
    private readonly TimeProvider _time;
    private readonly bool _hasReads;
    private readonly Task _writing;
    private Counter? _written;
    private Counter? _lost;

    /// <param name="sinks">Where the lines go.</param>
    /// <param name="hasReads">Reads are written down too.</param>
    public AuditLog(IAuditSink[] sinks, TimeProvider time, bool hasReads)
    {
        _sinks = sinks;
        _time = time;
        _hasReads = hasReads;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Shows how much was written and lost.</summary>
    public void Register(MetricRegistry registry)
    {
        _written = registry.Counter("raftkv_audit_lines_total", "Lines of the audit that were written.");
        _lost = registry.Counter("raftkv_audit_lost_total", "Lines of the audit that were lost, because its disk is too slow or refuses.");
    }

    /// <inheritdoc/>
    public void ReadEnded(ICallFacts call, ReadEnd end, long? stalenessMs)
    {
        if (_hasReads)
        {
            Note(call, "read", call.Keys is { } keys ? [keys] : [], end.ToString());
        }
    }

    /// <inheritdoc/>
    public void WriteEnded(ICallFacts call, KvCommand command, WriteEnd end) =>
        Note(call, AuditLine.WordOf(command), CommandKeys.Of(command), end.ToString());

    /// <inheritdoc/>
    public void LeaseAsked(ICallFacts call, LeaseId lease, bool isRenewal, ApiError? refusal)
    {
        if (_hasReads)
        {
            Note(call, $"lease {(isRenewal ? "renewal" : "look")} {lease}", [], refusal is null ? "Served" : refusal.Code.ToString());
        }
    }

    /// <inheritdoc/>
    public void MembersChanged(ICallFacts call, MemberChange change, ApiError? refusal) =>
        Note(call, $"members {change}", [], refusal is null ? "Applied" : refusal.Code.ToString());

    /// <inheritdoc/>
    public void MemberAsked(ICallFacts call, string what, NodeId member, ApiError? refusal) =>
        Note(call, $"{what} {member}", [], refusal is null ? "Applied" : refusal.Code.ToString());

    /// <inheritdoc/>
    public void AccessRefused(ICallFacts call, ApiError refusal) =>
        Note(call, "refused", call.Keys is { } keys ? [keys] : [], refusal.Code.ToString());

    /// <inheritdoc/>
    public void WatchOpened(ICallFacts call, KeyRange keys) => Note(call, "watch", [keys], "Opened");

    /// <summary>Writes what waits, and closes the sinks.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
        Array.ForEach(_sinks, static sink => sink.Dispose());
    }

    private void Note(ICallFacts call, string what, IReadOnlyList<KeyRange> keys, string outcome)
    {
        if (!_lines.Writer.TryWrite(AuditLine.Of(_time.GetUtcNow(), call, what, keys, outcome)))
        {
            _lost?.Add();
        }
    }

    private async Task WriteAsync()
    {
        while (await _lines.Reader.WaitToReadAsync())
        {
            while (_lines.Reader.TryRead(out string? line))
            {
                // Each sink takes it, whatever becomes of it at another.
                int takenCount = _sinks.Count(sink => sink.TryWrite(line));
                (takenCount == _sinks.Length ? _written : _lost)?.Add();
            }

            Array.ForEach(_sinks, static sink => sink.Flush());
        }
    }
}
