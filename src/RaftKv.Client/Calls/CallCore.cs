using RaftKv.Client.Http;

namespace RaftKv.Client.Calls;

/// <summary>
/// What every call of one client goes through, whatever it is about: settings, sender, and the client's end. Safe from
/// any thread.
/// </summary>
internal sealed class CallCore(RaftKvClientOptions options, RequestSender sender) : IAsyncDisposable, IDisposable
{
    private int _isDisposed;

    internal RaftKvClientOptions Options => options;

    internal RequestSender Sender => sender;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            sender.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await sender.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal void ThrowIfDisposed() => ThrowWhen(Volatile.Read(ref _isDisposed) != 0);

    internal Task<Answer> SendAsync(RequestSpec spec, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return sender.SendAsync(spec, cancellationToken);
    }

    /// <summary>A read of data.</summary>
    /// <param name="expectedProblem">The code of a problem that is an answer; null for none.</param>
    internal Task<Answer> ReadAsync(string target, ReadOptions? readOptions, string? expectedProblem, CancellationToken cancellationToken)
    {
        RequestSpec spec = RequestSpecs.Read(target, readOptions, options.Consistency);
        return SendAsync(expectedProblem is null ? spec : spec with { ExpectedProblems = [expectedProblem] }, cancellationToken);
    }

    // Whoever disposed it knows it by the client's name.
    private static void ThrowWhen(bool isDisposed)
    {
        if (isDisposed)
        {
            throw new ObjectDisposedException("RaftKv.Client.RaftKvClient");
        }
    }
}
