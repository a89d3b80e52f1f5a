namespace RaftKv.Transports;

/// <summary>One way for a .NET program to the same node. Safe from any thread.</summary>
internal interface ITransport : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Writes a value under the key of this number, acknowledged by a majority.</summary>
    Task PutAsync(int key);

    /// <summary>Reads the key of this number, linearizably.</summary>
    /// <exception cref="BenchException">The value is not the one that was written.</exception>
    Task GetAsync(int key);
}
