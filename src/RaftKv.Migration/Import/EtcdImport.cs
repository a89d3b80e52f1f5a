using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using RaftKv.Migration.Etcd;
using RaftKv.Migration.Keys;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Import;

/// <summary>
/// An import from an etcd that lives: a copy of one revision, then what changes behind it, then the cut-over. How far it is stands in
/// the target, and moves with what it tells of, so that the same command goes on after any break.
/// </summary>
public sealed class EtcdImport : IDisposable
{
    // Keys behind RaftKv's locks and elections: nobody writes them directly.
    private static readonly ByteString _reserved = ByteString.CopyFromUtf8("_raftkv/");

    private readonly ImportOrder _order;
    private readonly TextWriter _output;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<KeyRange> _ranges;
    private readonly EtcdPeer[] _peers;
    private readonly SourceState _state;
    private readonly ImportTarget _target;
    private readonly LeaseKeeper _leases;
    private readonly KeyPages _sourcePages;
    private readonly KeyPages _targetPages;
    private long _reported;

    /// <summary>An import that has not begun.</summary>
    /// <param name="output">What is told, a line at a time.</param>
    public EtcdImport(ImportOrder order, TextWriter output, TimeProvider time)
    {
        _order = order;
        _output = TextWriter.Synchronized(output);
        _time = time;
        _ranges = order.Prefixes.Count == 0 ? [KeyRange.All] : KeyRange.OfPrefixes(order.Prefixes);
        EtcdPeer Peer(string name, EtcdAccess access) => new(name, access, time, order.GiveUpAfter, Say);
        _peers =
        [
            Peer("the source", order.Source), Peer("the target", order.Target),
            Peer("the source", order.Source), Peer("the target", order.Target),
        ];
        _state = new SourceState(_peers[0], _ranges);
        _target = new ImportTarget(
            _peers[1], order.ProgressKeyBytes, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        _leases = new LeaseKeeper(_peers[0], _peers[1], time, Say);
        _sourcePages = new KeyPages(_peers[0], order.PageKeys, IsLeftOut);
        _targetPages = new KeyPages(_peers[1], order.PageKeys, IsLeftOut);
    }

    /// <summary>
    /// Runs it to its end. Throws <see cref="ImportException"/> with a sentence, and <see cref="OperationCanceledException"/> when it is
    /// told to stop: then the same command goes on.
    /// </summary>
    /// <param name="isCutOverWanted">Asked often while it follows.</param>
    public async Task<ImportEnd> RunAsync(Func<bool> isCutOverWanted, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task keeper = _leases.RunAsync(_peers[2], _peers[3], both.Token);
        Task<ImportEnd> phases = RunPhasesAsync(isCutOverWanted, both.Token);

        // Whichever ends first ends the other one; the keeper ends first only when it fails.
        Task first = await Task.WhenAny(keeper, phases).ConfigureAwait(false);
        await both.CancelAsync().ConfigureAwait(false);
        await keeper.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ((Task)phases).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
        return await phases.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EtcdPeer peer in _peers)
        {
            peer.Dispose();
        }
    }

    private async Task<ImportEnd> RunPhasesAsync(Func<bool> isCutOverWanted, CancellationToken cancellationToken)
    {
        ImportProgress progress = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var cutOver = new CutOverCourse(_order, _state, Comparison, _time);
        while (true)
        {
            string? whyAnew;
            try
            {
                progress = await CopyAsync(progress, cancellationToken).ConfigureAwait(false);
                if (!await AdoptAsync(progress, cancellationToken).ConfigureAwait(false))
                {
                    progress = await NewPassAsync(progress, "leases ended here while nobody kept them alive", cancellationToken)
                        .ConfigureAwait(false);
                    continue;
                }

                progress = progress with { Run = "" };
                if (!_order.Follows && !_order.CutsOver && _order.UntilRevision is null)
                {
                    return await EndCopyAsync(progress, cancellationToken).ConfigureAwait(false);
                }

                (progress, long reached, whyAnew) = await FollowAsync(
                    progress, () => _order.CutsOver || cutOver.HasBegun || isCutOverWanted(), cancellationToken).ConfigureAwait(false);
                if (whyAnew is null && await cutOver.TryAsync(reached, cancellationToken).ConfigureAwait(false) is { } result)
                {
                    return result.IsDone
                        ? await CutOverAsync(progress with { Revision = reached }, result.Comparison!, cancellationToken)
                            .ConfigureAwait(false)
                        : Refuse(result.Comparison);
                }
            }
            catch (RpcException refusal) when (EtcdPeer.IsCompacted(refusal))
            {
                whyAnew = $"the source has compacted revision {progress.Revision}";
            }
            catch (RpcException refusal)
            {
                throw new ImportException($"A call was refused: {EtcdPeer.TextOf(refusal)}.");
            }

            progress = whyAnew is null ? progress : await NewPassAsync(progress, whyAnew, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(ImportProgress Progress, long Reached, string? WhyAnew)> FollowAsync(
        ImportProgress progress, Func<bool> isCutOverWanted, CancellationToken cancellationToken)
    {
        var follower = new Follower(_peers[0], _state, _target, _ranges, IsLeftOut, _leases, _order, _time, Say);
        FollowEnd end = await follower.RunAsync(progress, isCutOverWanted, cancellationToken).ConfigureAwait(false);
        return (follower.Progress, follower.ReachedRevision, end switch
        {
            FollowEnd.Compacted => $"the source has compacted what came behind revision {follower.Progress.Revision}",
            FollowEnd.LostLease => "a lease ended here that lives in the source",
            _ => null,
        });
    }

    private async Task<ImportProgress> BeginAsync(CancellationToken cancellationToken)
    {
        if (_ranges.Any(range => range.Holds(_order.ProgressKeyBytes)) && _order.Prefixes.Count > 0)
        {
            throw new ImportException($"The progress key {_order.ProgressKey} lies within what is imported; name another one.")
            {
                IsRefusal = true,
            };
        }

        ResponseHeader source = await _state.NowAsync(cancellationToken).ConfigureAwait(false);
        string[] prefixes = [.. _order.Prefixes.Select(static prefix => KeyText.Of(ByteString.CopyFrom(prefix)))];
        if (await _target.OpenAsync(cancellationToken).ConfigureAwait(false) is not { } progress)
        {
            await CheckEmptyAsync(cancellationToken).ConfigureAwait(false);
            progress = new ImportProgress(source.ClusterId, prefixes, ImportPhase.Copy, source.Revision);
            await _target.WriteAsync([], progress, leases: null, cancellationToken).ConfigureAwait(false);
            Line("importing", $"from {_order.Source}, revision {source.Revision}, to {_order.Target}");
            return progress;
        }

        string? problem = progress.Phase == ImportPhase.Done
                ? $"was cut over at revision {progress.Revision}: the target is on its own since. Delete the key only to begin again"
            : progress.Source != source.ClusterId ? $"is of another source, cluster {progress.Source:x16}"
            : !progress.Prefixes.SequenceEqual(prefixes)
                ? $"is of other prefixes: {string.Join(", ", progress.Prefixes.DefaultIfEmpty("all keys"))}"
            : source.Revision < progress.Revision ? $"is at revision {progress.Revision}, and the source at {source.Revision} only" : null;
        if (problem is not null)
        {
            throw new ImportException($"The import of {_order.ProgressKey} {problem}. Nothing was changed.") { IsRefusal = true };
        }

        Line("going on", progress.Phase == ImportPhase.Copy
            ? $"with the copy of revision {progress.Revision}" : $"behind revision {progress.Revision}");
        return progress;
    }

    private async Task CheckEmptyAsync(CancellationToken cancellationToken)
    {
        foreach (KeyRange range in _order.Replaces ? [] : _ranges)
        {
            await foreach (KeyValue found in _targetPages.AllAsync(range, 0, keysOnly: true, cancellationToken).ConfigureAwait(false))
            {
                throw new ImportException(
                    $"The target has keys already, such as {KeyText.Of(found.Key)}. With --replace the import overwrites them, and deletes"
                    + " those that the source lacks.")
                {
                    IsRefusal = true,
                };
            }
        }
    }

    private async Task<ImportProgress> CopyAsync(ImportProgress progress, CancellationToken cancellationToken)
    {
        if (progress.Phase != ImportPhase.Copy)
        {
            return progress;
        }

        var pass = new CopyPass(_target, _sourcePages, _targetPages, _ranges, _leases);
        _reported = _time.GetTimestamp();
        ImportProgress copied = await pass.RunAsync(
            progress,
            () =>
            {
                if (_time.GetElapsedTime(_reported) >= _order.ReportEvery)
                {
                    _reported = _time.GetTimestamp();
                    Say($"copying revision {progress.Revision}: {pass.KeyCount} keys");
                }
            },
            cancellationToken).ConfigureAwait(false);
        Line(
            "copied",
            $"revision {copied.Revision}: {pass.KeyCount} keys read in this run, {_leases.Count} leases with their ids and lives");
        return copied;
    }

    // What an earlier run wrote: its leases are kept alive from here on. False when some of them have ended meanwhile.
    private async Task<bool> AdoptAsync(ImportProgress progress, CancellationToken cancellationToken)
    {
        if (!progress.IsOfEarlierRun)
        {
            return true;
        }

        foreach (KeyRange range in _ranges)
        {
            await foreach (KeyValue pair in _targetPages.AllAsync(range, 0, keysOnly: true, cancellationToken).ConfigureAwait(false))
            {
                if (pair.Lease != 0 && await _leases.EnsureAsync(pair.Lease, cancellationToken).ConfigureAwait(false))
                {
                    _leases.Note([new Change(pair.Key, ByteString.Empty, pair.Lease)]);
                }
            }
        }

        ComparisonResult found = await Comparison().RunAsync(progress.Revision, keysOnly: true, cancellationToken).ConfigureAwait(false);
        return found.LostLeasedCount == 0;
    }

    private async Task<ImportProgress> NewPassAsync(ImportProgress progress, string why, CancellationToken cancellationToken)
    {
        ResponseHeader now = await _state.NowAsync(cancellationToken).ConfigureAwait(false);
        _leases.Clear();
        ImportProgress next = new(progress.Source, progress.Prefixes, ImportPhase.Copy, now.Revision);
        await _target.WriteAsync([], next, leases: null, cancellationToken).ConfigureAwait(false);
        Line("new pass", $"at revision {now.Revision}: {why}");
        return next;
    }

    private async Task<ImportEnd> EndCopyAsync(ImportProgress progress, CancellationToken cancellationToken)
    {
        ComparisonResult found = await Comparison().RunAsync(progress.Revision, keysOnly: false, cancellationToken).ConfigureAwait(false);
        if (!found.IsEqual)
        {
            return Refuse(found);
        }

        Line("equal", $"{found.KeyCount} keys, sha-256 {found.SourceDigest}");
        long now = (await _state.NowAsync(cancellationToken).ConfigureAwait(false)).Revision;
        Line("next", $"the source is at revision {now}; the same command with --follow goes on behind {progress.Revision}");
        return ImportEnd.Done;
    }

    private async Task<ImportEnd> CutOverAsync(ImportProgress progress, ComparisonResult found, CancellationToken cancellationToken)
    {
        await _leases.RenewAsync(_peers[1], everything: true, cancellationToken).ConfigureAwait(false);
        await _target.WriteAsync([], progress with { Phase = ImportPhase.Done }, leases: null, cancellationToken).ConfigureAwait(false);
        Line("equal", $"{found.KeyCount} keys, sha-256 {found.SourceDigest}");
        Line("leases", $"{_leases.Count}, each kept alive a last time; their clients have its whole life to come here");
        Line("cut over", $"at revision {progress.Revision} of the source, which is quiet; let clients write to {_order.Target}");
        return ImportEnd.Done;
    }

    private ImportEnd Refuse(ComparisonResult? found)
    {
        if (found is null || found.IsEqual)
        {
            Line("not quiet", $"the source was written to all the time for {_order.QuietWithin.TotalSeconds:0} s; stop its writers");
        }
        else
        {
            Line("different", string.Create(CultureInfo.InvariantCulture, $"{found.DifferenceCount} keys:"));
            foreach (string named in found.Named)
            {
                Line("", named);
            }

            Line("sha-256", $"{found.SourceDigest} in the source, {found.TargetDigest} in the target");
        }

        Line("refused", "not cut over. The same command goes on");
        return ImportEnd.NotCutOver;
    }

    private SideComparison Comparison() => new(_sourcePages, _targetPages, _ranges, _leases);

    private bool IsLeftOut(ByteString key) => key == _order.ProgressKeyBytes || key.Span.StartsWith(_reserved.Span);

    private void Say(string text) => Line("", text);

    private void Line(string name, string value) => _output.WriteLine($"{name,-12}{value}");
}
