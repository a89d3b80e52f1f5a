using Medallion.Threading;
using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>The places in queues that one handle holds together. Safe from any thread.</summary>
/// <remarks>
/// Lost is lost once one of them is. Giving back is not losing: the token does not fire then, as the library's contract
/// wants, unless the lease had run out unseen, which is told before anything else. A handle that nobody has disposed and
/// nobody can reach gives its places back when it is collected; else a keeper would renew them for as long as the process
/// lives. So nothing that a keeper knows may refer to this object.
/// </remarks>
internal sealed class HeldPlaces
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly List<Place> _places = [];
    private bool _isReleased;

    internal HeldPlaces(LockHandle first) => _places.Add(Join(first));

    ~HeldPlaces()
    {
        // No other object is touched here that has a finalizer: handles and keepers have none.
        foreach (Place place in _places)
        {
            _ = GiveBackAsync(place.Handle).ContinueWith(
                static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    /// <summary>The place that was taken last: its token is the one that fences.</summary>
    internal LockHandle Last
    {
        get
        {
            lock (_gate)
            {
                return _places[^1].Handle;
            }
        }
    }

    /// <summary>True while all of them are surely held, by the clock at the time of the call.</summary>
    internal bool IsHeld
    {
        get
        {
            lock (_gate)
            {
                return !_isReleased && _places.TrueForAll(static place => place.Handle.IsHeld);
            }
        }
    }

    internal bool IsReleased
    {
        get
        {
            lock (_gate)
            {
                return _isReleased;
            }
        }
    }

    /// <summary>Fires when one of them is or may be lost; one that has fired already when the clock says so.</summary>
    /// <exception cref="ObjectDisposedException">They were given back.</exception>
    internal CancellationToken LostToken
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsReleased, typeof(IDistributedSynchronizationHandle));

            // A process that wakes up from a pause may ask before its timers have run.
            return IsHeld ? _lost.Token : new CancellationToken(canceled: true);
        }
    }

    /// <summary>False, and the place is still the caller's, when they were given back meanwhile.</summary>
    internal bool TryAdd(LockHandle handle)
    {
        // Not within the gate: of a place that is lost already it tells at once, and who is told may dispose the handle.
        Place place = Join(handle);
        lock (_gate)
        {
            if (!_isReleased)
            {
                _places.Add(place);
                return true;
            }
        }

        place.Registration.Unregister();
        return false;
    }

    /// <summary>Gives them back, the last one first. The first call does it, further ones do nothing.</summary>
    internal async ValueTask ReleaseAsync()
    {
        bool wasHeld = IsHeld;
        lock (_gate)
        {
            if (_isReleased)
            {
                return;
            }

            _isReleased = true;
        }

        GC.SuppressFinalize(this);

        // Nothing is added any more. Not waited for: what a callback does may be to dispose the handle.
        _places.ForEach(static place => place.Registration.Unregister());
        if (!wasHeld)
        {
            await _lost.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        for (int i = _places.Count - 1; i >= 0; i--)
        {
            await _places[i].Handle.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static Task GiveBackAsync(LockHandle handle) => Task.Run(() => handle.DisposeAsync().AsTask());

    private Place Join(LockHandle handle) => new(
        handle, handle.LostToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _lost));

    private readonly record struct Place(LockHandle Handle, CancellationTokenRegistration Registration);
}
