using RaftKv.Security.Tls;
using RaftKv.Tests.Node;

namespace RaftKv.Tests.Security;

/// <summary>What ends is warned of in the log before it ends, and again each day; by a clock that only the test moves.</summary>
public sealed class ExpiryWatchTests : IDisposable
{
    private const string Warning = "The certificate of CN=n1 for the client port ends at";
    private const string End = "The certificate of CN=n1 for the client port has ended at";

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-expiry-").FullName;
    private readonly MovedTime _time = new();
    private readonly MemoryLogger _log = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_certificate_is_warned_of_in_its_last_month_each_day_and_then_told_to_have_ended()
    {
        var authority = new TestAuthority(_directory);
        authority.WriteNode("n1");
        using var source = new TlsSource(authority.FilesOf("n1"), _time, _log);
        using var watch = new ExpiryWatch([source], _time, _log);
        Assert.Equal((0, 0), (_log.Count(Warning), _log.Count(End)));

        // It was made for 90 days.
        LookAt(days: 59);
        Assert.Equal(0, _log.Count(Warning));
        LookAt(days: 61);
        LookAt(days: 61.5);
        Assert.Equal(1, _log.Count(Warning));
        LookAt(days: 62.5);
        Assert.Equal((2, 0), (_log.Count(Warning), _log.Count(End)));
        LookAt(days: 90.5);
        Assert.Equal(1, _log.Count(End));
    }

    [Fact]
    public void One_that_was_replaced_is_not_warned_of_any_more()
    {
        var authority = new TestAuthority(_directory);
        authority.Files.Write("n1", authority.Node("n1", days: 9, made: TestAuthority.Now.AddDays(-8)));
        using var source = new TlsSource(authority.FilesOf("n1"), _time, _log);
        using var watch = new ExpiryWatch([source], _time, _log);
        Assert.Equal(1, _log.Count(Warning));
        authority.WriteNode("n1");
        source.Look();
        source.Look();
        LookAt(days: 2);
        Assert.Equal(1, _log.Count(Warning));
    }

    private void LookAt(double days) => _time.Move(TimeSpan.FromDays(days));

    /// <summary>So long after now as it is told; each timer is due whenever it is moved.</summary>
    private sealed class MovedTime : TimeProvider
    {
        private readonly DateTimeOffset _begin = TestAuthority.Now;
        private readonly List<Action> _timers = [];
        private TimeSpan _passed;

        public override DateTimeOffset GetUtcNow() => _begin + _passed;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add(() => callback(state));
            return new NoTimer();
        }

        public void Move(TimeSpan passed)
        {
            _passed = passed;
            _timers.ForEach(static fire => fire());
        }
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
