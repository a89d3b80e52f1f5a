using Microsoft.AspNetCore.Http;
using RaftKv.Dashboard.Hosting;

namespace RaftKv.Dashboard.Tests.Hosting;

/// <summary>Pages of other sites can't use a browser to talk to the dashboard's channel.</summary>
public sealed class RequestGuardTests
{
    [Theory]
    [InlineData("GET", "/", "http://evil.test", null, true)]
    [InlineData("GET", "/_blazor", "http://evil.test", null, false)]
    [InlineData("GET", "/_blazor", "http://node.test:2379", null, true)]
    [InlineData("GET", "/_blazor", "http://node.test:2380", null, false)]
    [InlineData("POST", "/_blazor/negotiate", null, "cross-site", false)]
    [InlineData("POST", "/_blazor/negotiate", null, "same-site", false)]
    [InlineData("POST", "/_blazor/negotiate", null, "same-origin", true)]
    [InlineData("POST", "/_blazor/negotiate", "null", null, false)]
    [InlineData("POST", "/", "http://evil.test", null, false)]
    [InlineData("POST", "/", null, null, true)]
    public void Same_site(string method, string path, string? origin, string? fetchSite, bool isLetIn)
    {
        HttpRequest request = new DefaultHttpContext().Request;
        request.Method = method;
        request.Path = path;
        request.Host = new HostString("node.test:2379");
        request.Headers.Origin = origin;
        request.Headers["Sec-Fetch-Site"] = fetchSite;

        Assert.Equal(isLetIn, RequestGuard.IsSameSite(request));
    }
}
