using System.Diagnostics;

namespace RaftKv.Doors.Http;

/// <summary>By which name a request is found again in logs and traces.</summary>
internal static class RequestIds
{
    /// <summary>The activity's where there is one, else the caller's own trace context, else the connection's number for it.</summary>
    public static string Of(HttpContext http)
    {
        if (Activity.Current?.Id is { } known)
        {
            return known;
        }

        string? told = http.Request.Headers.TraceParent;
        return told is not null && ActivityContext.TryParse(told, traceState: null, out _) ? told : http.TraceIdentifier;
    }
}
