using System.Net;
using System.Text;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Tests;

/// <summary>Nodes that answer as a test says, and remember what they were asked.</summary>
internal sealed class StubNodes(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    public static readonly Uri Self = new("http://n1.test:1");

    /// <summary>Every request: method, path and query, and the conditions of a write.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>A client of them.</summary>
    public NodeClient Client() => new(Self, this, TimeProvider.System);

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (Asked)
        {
            string condition = string.Concat(request.Headers.NonValidated
                .Where(static header => header.Key.StartsWith("If-", StringComparison.Ordinal))
                .Select(static header => $" {header.Key}: {header.Value}"));
            Asked.Add($"{request.Method} {request.RequestUri!.PathAndQuery}{condition}");
        }

        return Task.FromResult(answer(request));
    }
}
