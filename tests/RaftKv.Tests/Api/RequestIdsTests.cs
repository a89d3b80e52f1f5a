using Microsoft.AspNetCore.Http;
using RaftKv.Doors.Http;

namespace RaftKv.Tests.Api;

public sealed class RequestIdsTests
{
    private const string Context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Theory]
    [InlineData(Context, Context)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c\\\"-x", "own")]
    [InlineData("", "own")]
    public void A_request_is_called_by_its_callers_trace_context_when_it_sends_a_good_one(string told, string expected)
    {
        var http = new DefaultHttpContext { TraceIdentifier = "own" };
        http.Request.Headers.TraceParent = told;

        Assert.Equal(expected, RequestIds.Of(http));
    }
}
