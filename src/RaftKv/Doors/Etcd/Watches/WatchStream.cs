using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Watches;
using RaftKv.Watch;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>
/// One stream of watches: reads what the client asks for, while one pump tells the changes of all its watches through one output.
/// Ends when the client goes, when a watch fails, or when the node stops.
/// </summary>
internal sealed class WatchStream : IAsyncDisposable
{
    private readonly EtcdGate _gate;
    private readonly RpcContext _context;
    private readonly WatchOutput _output;
    private readonly WatchProgress _progress;
    private readonly WatchPump _pump;
    private readonly CancellationTokenSource _ended;
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<long, WatchFlow> _flows = [];
    private readonly Lock _lock = new();
    private Task _reading = Task.CompletedTask;
    private Task _pumping = Task.CompletedTask;
    private WatchSelector? _lastSelector;
    private long _nextId;

    public WatchStream(EtcdGate gate, RpcContext context, IMessageSink<Proto.WatchResponse> answers)
    {
        _gate = gate;
        _context = context;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(context.Cancelled);
        _output = new WatchOutput(gate, answers, context, _ended.Token);
        _progress = new WatchProgress(this, _output);
        _pump = new WatchPump(this, _output, _progress, _ended.Token);
    }

    /// <summary>Who tells of changes.</summary>
    public WatchHub Hub => _gate.Node.Watches;

    /// <summary>The newest view.</summary>
    public StoreView View => ChangeFeed.NewestOf(_gate.Node);

    /// <summary>Serves the stream to its end.</summary>
    public async Task RunAsync(IMessageSource<Proto.WatchRequest> requests)
    {
        _reading = ReadAsync(requests);
        _pumping = _pump.RunAsync();

        // A client that has said all it has to say goes on listening, so the end of its requests ends nothing.
        Task first = await Task.WhenAny(_reading, _failed.Task);
        await first;
        await _failed.Task.WaitAsync(_ended.Token);
    }

    /// <summary>Ends all watches and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _pumping;
        Flows().ForEach(static flow => flow.Dispose());
        _pump.Dispose();
        _ended.Dispose();
        _output.Dispose();
    }

    /// <summary>The watches that there are.</summary>
    public List<WatchFlow> Flows()
    {
        lock (_lock)
        {
            return [.. _flows.Values];
        }
    }

    /// <summary>A watch has ended by itself; in the output's turn.</summary>
    public void Forget(WatchFlow flow)
    {
        lock (_lock)
        {
            if (_flows.GetValueOrDefault(flow.Id) == flow)
            {
                _flows.Remove(flow.Id);
            }
        }

        flow.Dispose();
    }

    /// <summary>Lets the pump read for every watch what there is.</summary>
    public void ComeRound()
    {
        _pump.Group.Poke(Flows().ConvertAll(static flow => flow.Feed.Watcher));
        _pump.Group.Call();
    }

    /// <summary>A watch can't go on, and with it the stream.</summary>
    public void Fail(Exception e) => _failed.TrySetException(e);

    private async Task ReadAsync(IMessageSource<Proto.WatchRequest> requests)
    {
        while (await requests.ReadAsync(_ended.Token) is { } request)
        {
            switch (request.RequestUnionCase)
            {
                case Proto.WatchRequest.RequestUnionOneofCase.CreateRequest:
                    await CreateAsync(request.CreateRequest);
                    break;
                case Proto.WatchRequest.RequestUnionOneofCase.CancelRequest:
                    await CancelAsync(request.CancelRequest.WatchId);
                    break;
                case Proto.WatchRequest.RequestUnionOneofCase.ProgressRequest:
                    _progress.Ask();
                    break;
            }
        }
    }

    private async ValueTask CreateAsync(Proto.WatchCreateRequest request)
    {
        // Not begun here, a watch is opened anew elsewhere.
        if (Hub.IsStopping)
        {
            throw EtcdErrors.Stopped();
        }

        Revision now = View.Revision;
        var answer = new Proto.WatchResponse { Header = _gate.Header(now), Created = true };
        if (WatchMapping.SelectorOf(request) is not { } selector)
        {
            await RefuseAsync(answer, "mvcc: watcher range is empty");
            return;
        }

        long? id = ChooseId(request.WatchId);
        if (id is null)
        {
            await RefuseAsync(answer, "mvcc: duplicate watch ID provided on the WatchStream");
            return;
        }

        Revision start = request.StartRevision == 0 ? now.Next : new Revision(Math.Max(request.StartRevision, 1));
        EtcdCall call = _gate.BeginCall(_context);
        if (call.Share?.EnterWatch(selector.Keys) is not null)
        {
            await RefuseAsync(answer, EtcdErrors.WatchBeyondShare);
            return;
        }

        // A stream often has many watches of the same keys.
        _lastSelector = _lastSelector?.IsSameAs(selector) == true ? _lastSelector : selector;
        if (WatchFlow.TryOpen(call, _pump.Group, id.Value, request, _lastSelector, start) is not { } flow)
        {
            await RefuseAsync(answer, "raftkv: this node has as many watchers as it takes");
            return;
        }

        if (flow.Feed.Refusal is not null)
        {
            flow.Dispose();
            answer.WatchId = request.WatchId;
            answer.Canceled = true;
            answer.CancelReason = EtcdErrors.WatchDenied;
            await _output.SendAsync(answer);
            return;
        }

        answer.WatchId = id.Value;
        lock (_lock)
        {
            _flows.Add(id.Value, flow);
        }

        await _output.SendAsync(answer);
        _pump.Group.Begin(flow.Feed.Watcher);
    }

    private ValueTask RefuseAsync(Proto.WatchResponse answer, string reason)
    {
        answer.WatchId = -1;
        answer.Canceled = true;
        answer.CancelReason = reason;
        return _output.SendAsync(answer);
    }

    // 0 means that the server chooses. Null: the id is in use.
    private long? ChooseId(long asked)
    {
        lock (_lock)
        {
            if (asked != 0)
            {
                return _flows.ContainsKey(asked) ? null : asked;
            }

            while (_flows.ContainsKey(_nextId))
            {
                _nextId++;
            }

            return _nextId++;
        }
    }

    private async ValueTask CancelAsync(long id)
    {
        WatchFlow? flow;
        lock (_lock)
        {
            _flows.Remove(id, out flow);
        }

        if (flow is null)
        {
            return;
        }

        // Nothing of a watch comes after the word that it is cancelled.
        await _output.EnterAsync();
        try
        {
            flow.Dispose();
            await _output.WriteAsync(new Proto.WatchResponse { Header = _gate.Header(View.Revision), WatchId = id, Canceled = true });
        }
        finally
        {
            _output.Leave();
        }
    }
}
