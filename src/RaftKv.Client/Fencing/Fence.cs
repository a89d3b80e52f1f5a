using System.Globalization;
using System.Text;
using RaftKv.Client.Kv;
using RaftKv.Contract;

namespace RaftKv.Client;

/// <summary>
/// Names a holder: a fenced write is applied only while the holder with this token holds the lock, else it is refused
/// with <see cref="RaftKvPreconditionException"/>, code <c>fence-lost</c>.
/// </summary>
/// <param name="Name">The lock's, semaphore's or election's name.</param>
/// <param name="Token">The fencing token that the holder was given.</param>
/// <param name="Kind">What the name is a name of.</param>
/// <remarks><code>
/// await client.PutAsync("jobs/7", "done", new WriteOptions { Fence = handle.Fence });
/// </code></remarks>
public sealed record Fence(string Name, long Token, FenceKind Kind = FenceKind.Lock)
{
    /// <summary>As in the header: <c>NAME;token=N</c>.</summary>
    public override string ToString()
    {
        string name = KeyEncoding.Escape(Encoding.UTF8.GetBytes(Name), keepsSlash: true);
        string kind = Kind == FenceKind.Lock ? "" : ";kind=" + Kind.ToName();
        return string.Create(CultureInfo.InvariantCulture, $"{name};token={Token}{kind}");
    }
}

/// <summary>What can be held.</summary>
public enum FenceKind
{
    /// <summary>A lock, exclusive or shared.</summary>
    Lock = 0,

    /// <summary>An election: its leader.</summary>
    Election = 1,

    /// <summary>One of a semaphore's places.</summary>
    Semaphore = 2,
}

/// <summary>The contract's words for the kinds.</summary>
internal static class FenceKindNames
{
    internal static string ToName(this FenceKind kind) => kind switch
    {
        FenceKind.Lock => LockKinds.Lock,
        FenceKind.Election => LockKinds.Election,
        FenceKind.Semaphore => LockKinds.Semaphore,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };
}
