namespace RaftKv.Dashboard.Hosting;

/// <summary>Tells open pages that their visitor has signed out in another one. Any thread.</summary>
internal sealed class SignOuts
{
    /// <summary>What he has shown to nodes.</summary>
    public event Action<string>? SignedOut;

    /// <summary>He has.</summary>
    public void Raise(string authorization) => SignedOut?.Invoke(authorization);
}
