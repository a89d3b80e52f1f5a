using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RaftKv.Engine.DotNext;

/// <summary>
/// What DotNext logs, from warnings on, and of each kind one a few seconds: it says with every heartbeat that a member can't be
/// reached, and a node that runs for a week beside a dead one must not fill a disk with it.
/// </summary>
internal sealed class QuietLoggers(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Quiet(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    private sealed class Quiet(ILogger inner) : ILogger
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
        private readonly ConcurrentDictionary<int, long> _saidAt = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)
                && (!_saidAt.TryGetValue(eventId.Id, out long said) || TimeProvider.System.GetElapsedTime(said) >= Pause))
            {
                _saidAt[eventId.Id] = TimeProvider.System.GetTimestamp();

                // Its stack traces are of its own: the message is enough.
                inner.Log(logLevel, eventId, state, null, (text, _) => exception is null
                    ? formatter(text, null) : $"{formatter(text, null)} ({exception.GetType().Name}: {exception.Message})");
            }
        }
    }
}
