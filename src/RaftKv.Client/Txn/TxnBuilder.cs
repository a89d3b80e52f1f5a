using RaftKv.Client.Calls;
using RaftKv.Client.Txn;

namespace RaftKv.Client;

/// <summary>
/// Builds one txn: if all conditions hold, one list of operations, else the other; atomically, as one revision.
/// </summary>
/// <remarks>
/// Not safe for use by several threads at once.
/// <code>
/// TxnResult result = await client.Txn()
///     .When(Key("stock/7").ModRevision == 5)
///     .Then(Op.Put("stock/7", "0"), Op.Put("orders/1", "sold"))
///     .Else(Op.Get("stock/7"))
///     .CommitAsync();
/// </code>
/// </remarks>
public sealed class TxnBuilder
{
    private readonly CallCore? _core;
    private readonly List<TxnCompare> _compares = [];
    private readonly List<TxnOp> _then = [];
    private readonly List<TxnOp> _else = [];
    private WriteOptions? _options;

    /// <summary>
    /// A txn to be put inside another by <see cref="Op.Txn"/>, or run by <see cref="IRaftKvClient.CommitAsync"/>.
    /// </summary>
    public TxnBuilder()
    {
    }

    internal TxnBuilder(CallCore core, WriteOptions? options = null)
    {
        _core = core;
        _options = options;
    }

    internal IReadOnlyList<TxnCompare> Compares => _compares;

    internal IReadOnlyList<TxnOp> ThenOps => _then;

    internal IReadOnlyList<TxnOp> ElseOps => _else;

    internal WriteOptions? Options => _options;

    internal bool IsRead => _then.TrueForAll(static op => op.IsRead) && _else.TrueForAll(static op => op.IsRead);

    /// <summary>Adds conditions; all must hold. No condition at all holds.</summary>
    public TxnBuilder When(params ReadOnlySpan<TxnCompare> compares)
    {
        _compares.AddRange(compares);
        return this;
    }

    /// <summary>Adds operations for when the conditions hold, in this order.</summary>
    public TxnBuilder Then(params ReadOnlySpan<TxnOp> ops)
    {
        _then.AddRange(ops);
        return this;
    }

    /// <summary>Adds operations for when a condition does not hold, in this order.</summary>
    public TxnBuilder Else(params ReadOnlySpan<TxnOp> ops)
    {
        _else.AddRange(ops);
        return this;
    }

    /// <summary>Sets how it is written: a fence, a concern, an idempotency key, a session.</summary>
    /// <exception cref="ArgumentException">A precondition or lease is set; conditions and puts say those.</exception>
    public TxnBuilder With(WriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.Precondition.IsNone || options.Lease is not null)
        {
            throw new ArgumentException("A txn's preconditions go into When, and leases into Op.Put.", nameof(options));
        }

        _options = options with { Session = options.Session ?? _options?.Session };
        return this;
    }

    /// <summary>Runs it. A false condition is an answer, not an error: see <see cref="TxnResult.Succeeded"/>.</summary>
    /// <exception cref="InvalidOperationException">It was made to be nested.</exception>
    /// <exception cref="RaftKvException">It failed; its outcome says whether it may have been applied.</exception>
    public Task<TxnResult> CommitAsync(CancellationToken cancellationToken = default) =>
        _core is null
            ? throw new InvalidOperationException(
                "This txn was made without a client; hand it to client.CommitAsync, or begin one with client.Txn().")
            : TxnCalls.CommitAsync(_core, this, _options, cancellationToken);
}
