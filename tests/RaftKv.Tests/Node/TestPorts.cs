namespace RaftKv.Tests.Node;

/// <summary>Ports for servers that tests start: a range of their own, each used once in a run.</summary>
internal static class TestPorts
{
    private static int _last = 22200;

    public static int Next() => Interlocked.Increment(ref _last);
}
