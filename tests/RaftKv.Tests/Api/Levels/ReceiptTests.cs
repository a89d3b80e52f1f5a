using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace RaftKv.Tests.Api.Levels;

/// <summary>Receipts: asked for, signed, checked, and refused once changed.</summary>
public sealed class ReceiptTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Receipt_says_what_was_served_and_verifies()
    {
        HttpResponseMessage put = await _host.SendAsync("PUT", "/api/v1/kv/k", "v", headers: ("RaftKv-Receipt", "1"));
        HttpResponseMessage get = await _host.SendAsync("GET", "/api/v1/kv/k?consistency=strong", headers: ("RaftKv-Receipt", "1"));
        Assert.Null((await _host.SendAsync("GET", "/api/v1/kv/k")).Header("RaftKv-Receipt"));
        foreach ((HttpResponseMessage answer, string method) in (List<(HttpResponseMessage, string)>)[(put, "PUT"), (get, "GET")])
        {
            JsonElement verdict = await VerifyAsync(answer.Header("RaftKv-Receipt")!);
            Assert.True(verdict.GetProperty("valid").GetBoolean());
            JsonElement receipt = verdict.GetProperty("receipt");
            Assert.Equal(method, receipt.GetProperty("method").GetString());
            Assert.StartsWith("/api/v1/kv/k", receipt.GetProperty("target").GetString());
            Assert.Equal("linearizable", receipt.GetProperty("asked").GetString());
            Assert.Equal("linearizable", receipt.GetProperty("served").GetString());
            Assert.Equal("n1", receipt.GetProperty("node").GetString());
            Assert.Equal(1, receipt.GetProperty("term").GetInt64());
            Assert.Equal(2, receipt.GetProperty("revision").GetInt64());
            Assert.Equal(answer.Header("RaftKv-Applied-Index"), receipt.GetProperty("appliedIndex").ToString());
            Assert.True(receipt.GetProperty("readIndex").GetInt64() <= receipt.GetProperty("appliedIndex").GetInt64());
            Assert.Equal(0, receipt.GetProperty("stalenessMs").GetInt64());
            Assert.True(receipt.GetProperty("unixMs").GetInt64() > 0);
        }
    }

    [Fact]
    public async Task Unknown_age_is_null_in_the_receipt()
    {
        HttpResponseMessage get = await _host.SendAsync("GET", "/api/v1/kv/k?consistency=eventual", headers: ("RaftKv-Receipt", "1"));
        JsonElement receipt = (await VerifyAsync(get.Header("RaftKv-Receipt")!)).GetProperty("receipt");
        Assert.Equal(JsonValueKind.Null, receipt.GetProperty("stalenessMs").ValueKind);
        Assert.Equal("eventual", receipt.GetProperty("served").GetString());
    }

    [Fact]
    public async Task Changed_receipts_are_not_valid_and_say_why()
    {
        HttpResponseMessage get = await _host.SendAsync("GET", "/api/v1/kv/k?consistency=eventual", headers: ("RaftKv-Receipt", "1"));
        string[] parts = get.Header("RaftKv-Receipt")!.Split('.');
        string improved = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])).Replace("\"served\":\"eventual\"", "\"served\":\"linearizable\"");
        foreach (string forged in (string[])[
            Base64Url.EncodeToString(Encoding.UTF8.GetBytes(improved)) + "." + parts[1], parts[0] + ".", parts[0], "." + parts[1], "x.y", "a.b.c",
            parts[0] + "." + parts[1][..^2], parts[0] + "." + Base64Url.EncodeToString(new byte[16]), new string('A', 5000) + "." + parts[1]])
        {
            JsonElement verdict = await VerifyAsync(forged);
            Assert.False(verdict.GetProperty("valid").GetBoolean(), forged);
            Assert.NotEmpty(verdict.GetProperty("reason").GetString()!);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"receipt":""}""")]
    [InlineData("""{"receipt":7}""")]
    [InlineData("""{"recipe":"x"}""")]
    [InlineData("")]
    public async Task Broken_requests_are_refused(string body) =>
        await (await _host.PostAsync("/api/v1/receipts/verify", body)).ProblemAsync(400, "invalid-request");

    [Fact]
    public async Task Receipt_header_takes_1_only()
    {
        await (await _host.SendAsync("GET", "/api/v1/kv/k", headers: ("RaftKv-Receipt", "yes"))).ProblemAsync(400, "invalid-request");
        Assert.Null((await _host.SendAsync("GET", "/api/v1/kv/k", headers: ("RaftKv-Receipt", "0"))).Header("RaftKv-Receipt"));
    }

    private async Task<JsonElement> VerifyAsync(string receipt) =>
        await (await _host.PostAsync("/api/v1/receipts/verify", JsonSerializer.Serialize(new { receipt }))).JsonAsync();
}
