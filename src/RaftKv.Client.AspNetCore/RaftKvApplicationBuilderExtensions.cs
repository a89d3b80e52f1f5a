using Microsoft.AspNetCore.Builder;

namespace RaftKv.Client.AspNetCore;

/// <summary>Adds RaftKv's parts to a request pipeline.</summary>
public static class RaftKvApplicationBuilderExtensions
{
    /// <summary>
    /// Each request continues its caller's causal context: its <c>RaftKv-Session</c> header goes along with all calls of
    /// RaftKv clients while it is served, and the answer's header brings back what they saw.
    /// </summary>
    /// <remarks>
    /// Early in the pipeline, before what reads or writes the store. On the calling side
    /// <see cref="RaftKvTokenHandler"/> does the rest. Meant for callers that may know how far the store is: a token says
    /// a revision, and a forged one makes the request's calls fail with <see cref="RaftKvSessionMismatchException"/>,
    /// nothing worse.
    /// <code>
    /// app.UseRaftKvCausality();
    /// </code>
    /// </remarks>
    public static IApplicationBuilder UseRaftKvCausality(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.UseMiddleware<RaftKvCausalityMiddleware>();
    }
}
