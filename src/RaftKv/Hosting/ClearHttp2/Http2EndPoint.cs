using System.Net;

namespace RaftKv.Hosting.ClearHttp2;

/// <summary>
/// The name under which the web server listens for connections that are handed over inside the process. Nothing of it
/// is on the network.
/// </summary>
internal sealed class Http2EndPoint : EndPoint
{
    /// <summary>For the server's own list of addresses.</summary>
    public override string ToString() => "http2-in-the-clear";
}
