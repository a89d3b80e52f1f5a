namespace RaftKv.JepsenStyle.Http;

/// <summary>
/// No answer came. Whether the request had left is the one thing that decides between "fail" and "unknown".
/// </summary>
internal sealed class HttpFailureException(string message, bool wasSent, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>False: not one byte of the request left, so it surely has no effect.</summary>
    public bool WasSent { get; } = wasSent;
}
