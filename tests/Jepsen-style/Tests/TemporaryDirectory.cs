namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// A directory of its own for one test. It is removed afterwards only when the test says that all was well.
/// </summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private bool _isKept = true;

    public string Path { get; } = Directory.CreateTempSubdirectory("raftkv-jepsen-").FullName;

    /// <summary>Nothing in it is needed as evidence.</summary>
    public void Forget() => _isKept = false;

    public void Dispose()
    {
        if (!_isKept)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
