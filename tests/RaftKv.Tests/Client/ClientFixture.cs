using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Makes clients for tests: first endpoint first, waits of a millisecond, and no keys on writes unless a test asks.</summary>
internal static class ClientFixture
{
    internal static RaftKvClientOptions Options(params Uri[] endpoints) => new()
    {
        Endpoints = endpoints,
        Jitter = static () => 0,
        AutomaticIdempotencyKeys = false,
    };

    internal static RaftKvClient Client(params Uri[] endpoints) => new(Options(endpoints));
}
