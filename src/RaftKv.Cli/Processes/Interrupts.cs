using System.Runtime.InteropServices;

namespace RaftKv.Cli.Processes;

/// <summary>
/// Ctrl+C and SIGTERM: they end what runs innermost; once that is asked to end, the next one ends the process. Signals
/// come on threads of their own.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<CancellationTokenSource> _scopes = [];
    private readonly PosixSignalRegistration[] _signals;

    private Interrupts(PosixSignal[] signals) =>
        _signals = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = Interrupt()))];

    /// <summary>Listens to the process's signals.</summary>
    public static Interrupts OfProcess() => new([PosixSignal.SIGINT, PosixSignal.SIGTERM]);

    /// <summary>Listens to nothing, for tests.</summary>
    public static Interrupts None() => new([]);

    /// <summary>Runs something that an interrupt ends.</summary>
    public async Task<int> RunAsync(Func<CancellationToken, Task<int>> run)
    {
        using var scope = new CancellationTokenSource();
        lock (_gate)
        {
            _scopes.Push(scope);
        }

        try
        {
            return await run(scope.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _scopes.Pop();
            }
        }
    }

    /// <summary>False when nothing is left to end but the process.</summary>
    public bool Interrupt()
    {
        lock (_gate)
        {
            if (!_scopes.TryPeek(out CancellationTokenSource? innermost) || innermost.IsCancellationRequested)
            {
                return false;
            }

            innermost.Cancel();
            return true;
        }
    }

    public void Dispose() => Array.ForEach(_signals, static signal => signal.Dispose());
}
