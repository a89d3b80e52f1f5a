using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Makes clients for tests: first endpoint first, and waits of a millisecond.</summary>
internal static class ClientFixture
{
    internal static RaftKvClientOptions Options(params Uri[] endpoints) => new()
    {
        Endpoints = endpoints,
        Jitter = static () => 0,
    };

    internal static RaftKvClient Client(params Uri[] endpoints) => new(Options(endpoints));
}
