using Microsoft.AspNetCore.Connections.Features;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// One context for all calls that one HTTP/2 stream serves one after the other: the web server keeps its streams, and what is
/// kept with them. For calls with one message and one answer, whose flow has ended when the call has. Any thread.
/// </summary>
internal static class StreamContexts
{
    /// <summary>
    /// Set for tests (a switch of the runtime): no context is used twice, so that whoever holds one on is refused for good,
    /// instead of meeting the next call.
    /// </summary>
    public const string PoisonSwitch = "RaftKv.PoisonEndedCalls";

    private static readonly bool _isPoisoned = AppContext.TryGetSwitch(PoisonSwitch, out bool isOn) && isOn;
    private static readonly object _place = new();

    /// <summary>A context for a call that begins on a stream.</summary>
    /// <param name="asked">How long the caller waits; null for as long as the server likes.</param>
    public static RpcContext Take(HttpContext http, TimeProvider time, TimeSpan? asked) =>
        _isPoisoned || http.Features.Get<IPersistentStateFeature>()?.State is not { } kept
            ? new RpcContext(http, time, asked)
            : Take(kept, http, time, asked);

    /// <summary>The same with what the web server keeps with the stream.</summary>
    public static RpcContext Take(IDictionary<object, object?> kept, HttpContext http, TimeProvider time, TimeSpan? asked)
    {
        // One that is under way belongs to a call that broke: it is left to whoever has it.
        if (kept.TryGetValue(_place, out object? known) && known is RpcContext { IsUnderWay: false } context)
        {
            context.Begin(http, time, asked);
            return context;
        }

        context = new RpcContext(http, time, asked);
        kept[_place] = context;
        return context;
    }
}
