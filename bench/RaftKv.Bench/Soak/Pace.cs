using System.Diagnostics;

namespace RaftKv.Bench.Soak;

/// <summary>Lets a loop go on so many times a second, and no faster later because it was slower before.</summary>
/// <param name="passed">How much of the first step is over already, 0 to 1: so that loops that begin together don't go on together.</param>
internal sealed class Pace(double perSecond, double passed = 0)
{
    private readonly TimeSpan _step = TimeSpan.FromSeconds(1 / perSecond);
    private long _last = Stopwatch.GetTimestamp() - (long)(passed / perSecond * Stopwatch.Frequency);

    internal async Task WaitAsync(CancellationToken stop)
    {
        TimeSpan wait = _step - Stopwatch.GetElapsedTime(_last);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, stop);
        }

        _last = Stopwatch.GetTimestamp();
    }
}
