using RaftKv.Core.Calls;
using RaftKv.Core.Driver;

namespace RaftKv.Node;

/// <summary>A call whose result somebody awaits.</summary>
internal interface IAwaitedCall
{
    /// <summary>
    /// Shows the result to the caller and may run its continuation. The object may belong to someone else afterwards.
    /// Pool thread, never the loop's.
    /// </summary>
    void Publish();

    /// <summary>The caller's token is cancelled. Any thread.</summary>
    void PostCancel();
}

/// <summary>Ends the wait for a call when its caller's token is cancelled; costs no allocation.</summary>
internal struct Cancellation
{
    private CancellationTokenRegistration _registration;
    private Mailbox? _mailbox;

    /// <summary>Begins to watch the token. By the caller's thread, after the call was posted.</summary>
    public void Observe(CancellationToken cancellationToken, IAwaitedCall call, Mailbox mailbox)
    {
        _mailbox = mailbox;
        _registration = cancellationToken.UnsafeRegister(static state => ((IAwaitedCall)state!).PostCancel(), call);
    }

    /// <summary>Tells the loop.</summary>
    public readonly void Post(Call call) => _mailbox?.PostInternal(DriverInput.Cancel(call, call.Token));

    /// <summary>Waits for a running cancellation callback, so that none meets the object's next use.</summary>
    public void End()
    {
        _registration.Dispose();
        _registration = default;
        _mailbox = null;
    }
}
