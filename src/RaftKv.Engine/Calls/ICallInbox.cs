using RaftKv.Core.Calls;

namespace RaftKv.Engine.Calls;

/// <summary>How an engine's queue took a call.</summary>
public enum PostAnswer
{
    /// <summary>It is queued.</summary>
    Accepted,

    /// <summary>Its share of the queue is full; nothing was queued.</summary>
    Full,

    /// <summary>The engine has ended; nothing was queued.</summary>
    Closed,
}

/// <summary>
/// The way from callers, on any thread, to the one thread of an engine that owns its <see cref="CallTable"/>. Bounded.
/// </summary>
public interface ICallInbox
{
    /// <summary>Queues a call for its beginning.</summary>
    /// <param name="bytes">What it holds of memory until the engine has it.</param>
    PostAnswer TryBegin(Call call, int bytes);

    /// <summary>Queues the word that this use of a call waits no longer; nothing once the engine has ended.</summary>
    void Cancel(Call call, short token);
}
