using Microsoft.AspNetCore.Http;

namespace RaftKv.Client.AspNetCore;

/// <summary>Opens a causal context for each request from its token, and sends the context's tokens back.</summary>
internal sealed class RaftKvCausalityMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        using IDisposable scope = RaftKvCausality.Begin(context.Request.Headers[RaftKvCausality.HeaderName].ToString());

        // The callback runs outside the request's flow on some servers, so it gets what reads this context, not the flow's.
        Func<string?> token = RaftKvCausality.CaptureToken();
        context.Response.OnStarting(static state =>
        {
            (HttpContext started, Func<string?> current) = ((HttpContext, Func<string?>))state;
            if (current() is { } value && !started.Response.Headers.ContainsKey(RaftKvCausality.HeaderName))
            {
                started.Response.Headers[RaftKvCausality.HeaderName] = value;
            }

            return Task.CompletedTask;
        }, (context, token));
        await next(context);
    }
}
