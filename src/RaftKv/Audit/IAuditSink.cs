namespace RaftKv.Audit;

/// <summary>Where lines of the audit go. One thread at a time.</summary>
internal interface IAuditSink : IDisposable
{
    /// <summary>Takes a line; false when it is lost.</summary>
    bool TryWrite(string line);

    /// <summary>Hands on what was taken.</summary>
    void Flush();
}
