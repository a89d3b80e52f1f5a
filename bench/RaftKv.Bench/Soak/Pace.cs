using System.Diagnostics;

namespace RaftKv.Bench.Soak;

/// <summary>Lets a loop go on so many times a second, and no faster later because it was slower before.</summary>
internal sealed class Pace(double perSecond)
{
    private readonly TimeSpan _step = TimeSpan.FromSeconds(1 / perSecond);
    private long _last = Stopwatch.GetTimestamp();

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
