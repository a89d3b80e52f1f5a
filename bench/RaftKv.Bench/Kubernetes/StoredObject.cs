namespace RaftKv.Bench.Kubernetes;

/// <summary>An object as its one writer knows it.</summary>
internal sealed class StoredObject(string key)
{
    internal string Key { get; } = key;

    /// <summary>The revision that wrote it last, as far as the writer knows; 0 when it is not there.</summary>
    internal long ModRevision { get; set; }
}
