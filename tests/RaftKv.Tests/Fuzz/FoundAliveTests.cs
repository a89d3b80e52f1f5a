using System.Net;
using RaftKv.Tests.Hosting;

namespace RaftKv.Tests.Fuzz;

/// <summary>What a fuzzer has found, on one node that outlives it all.</summary>
public sealed class FoundAliveTests(OneServer server) : IClassFixture<OneServer>
{
    // Found alive by a fuzzer, one of each kind.
    [Theory]
    [InlineData("PUT /api/v1/kv/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc", 400)]
    [InlineData("PUT /api/v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 415)]
    [InlineData("POST /v3/watch HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{\"a\":", 400)]
    [InlineData("POST /v3/lease/keepalive HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{\"a\":", 400)]
    [InlineData("POST /v3/kv/put HTTP/1.1\r\nHost: x\r\nContent-Length: 27\r\n\r\n{\"key\":\"Zm9v\",\"lease\":\"-5\"}", 404)]
    [InlineData("POST /v3/lock/lock HTTP/1.1\r\nHost: x\r\nContent-Length: 28\r\n\r\n{\"name\":\"Zm9v\",\"lease\":\"-5\"}", 500)]
    [InlineData("POST /api/v1/counters/a HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n{\"by\":null}", 400)]
    [InlineData("POST /api/v1/locks/a HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"ttl\":null}", 400)]
    [InlineData("GET /api/v1/watch?key=a&limit=0 HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    public async Task What_was_found_alive_is_refused(string request, int status)
    {
        string wire = request.Replace("Host: x\r\n", "Host: x\r\nConnection: close\r\n", StringComparison.Ordinal);
        string answer = await RawSocket.ExchangeAsync(server.Port, System.Text.Encoding.ASCII.GetBytes(wire), isAnswered: true);

        Assert.Equal(status, Assert.Single(FuzzTests.StatusesOf(answer)));
        Assert.DoesNotContain("cursor", answer, StringComparison.Ordinal);
        FuzzTests.AssertNothingBroke(server.Output);
    }

    [Fact]
    public async Task A_client_that_resets_its_connection_in_the_middle_is_no_defect_of_the_server()
    {
        for (int i = 0; i < 50; i++)
        {
            string rest = "PUT /api/v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + new string('x', 20_000 * (i % 5));
            await RawSocket.ExchangeAsync(server.Port, System.Text.Encoding.ASCII.GetBytes(rest), static _ => true);
        }

        using var http = new HttpClient();
        using HttpResponseMessage next = await http.GetAsync(new Uri($"http://127.0.0.1:{server.Port}/api/v1/kv/healthy"));
        Assert.Equal(HttpStatusCode.NotFound, next.StatusCode);
        FuzzTests.AssertNothingBroke(server.Output);
    }
}
