using System.Globalization;
using System.Text;
using RaftKv.Client.Calls;
using RaftKv.Client.Http;
using RaftKv.Client.Locks;

namespace RaftKv.Client;

/// <summary>A leadership that was won. Disposing resigns.</summary>
/// <remarks>
/// <see cref="LostToken"/> fires when somebody else may lead. A process that stands still can't be told in time: let
/// writes that only the leader may do carry <see cref="Fence"/>.
/// </remarks>
public sealed class Leadership : IAsyncDisposable
{
    private readonly CallCore _core;
    private readonly LeaseKeeper _keeper;

    internal Leadership(CallCore core, string name, Acquisition got)
    {
        _core = core;
        _keeper = got.Keeper!;
        Fence = new Fence(name, got.Token, FenceKind.Election);
        Metadata = got.Metadata!;
    }

    /// <summary>The election's name.</summary>
    public string Name => Fence.Name;

    /// <summary>Larger than the token of every leadership before.</summary>
    public long FencingToken => Fence.Token;

    /// <summary>For <see cref="WriteOptions.Fence"/>: the write is applied only while we lead.</summary>
    public Fence Fence { get; }

    /// <summary>The lease that it hangs on.</summary>
    public string LeaseId => _keeper.Id;

    /// <summary>Fires when the leadership is lost, may be lost, or was given up; by the local clock, whether a server answers or not.</summary>
    public CancellationToken LostToken => _keeper.LostToken;

    /// <summary>True while we surely lead, by the clock at the time of the call.</summary>
    public bool IsLeader => _keeper.IsAlive;

    /// <summary>What the server said when it gave the leadership.</summary>
    public ResponseMetadata Metadata { get; }

    /// <summary>Changes what observers see.</summary>
    /// <exception cref="RaftKvPreconditionException">Code <c>not-holder</c>: we don't lead any more.</exception>
    /// <exception cref="RaftKvException">Other failures; the outcome says whether it was applied.</exception>
    public async Task ProclaimAsync(string value, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        string target = string.Create(CultureInfo.InvariantCulture, $"{AcquireRequest.Target(AcquireRequest.Elections, Name)}/value?token={FencingToken}");
        RequestSpec spec = RequestSpecs.Write(HttpMethod.Put, target, options: null, _core.Options) with
        {
            Body = Encoding.UTF8.GetBytes(value),
            ContentType = RequestSpecs.Binary,
        };
        await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Resigns. When no server answers, others can lead after the ttl.</summary>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();
}
