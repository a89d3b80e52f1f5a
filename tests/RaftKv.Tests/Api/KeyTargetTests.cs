using System.Text;
using System.Text.Json;

namespace RaftKv.Tests.Api;

/// <summary>Keys come from the target as it was sent: nothing is folded, decoded twice or guessed.</summary>
public sealed class KeyTargetTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Escaped_slash_and_escaped_percent_are_different_keys()
    {
        await _host.SendTargetAsync("PUT", "/api/v1/kv/a%2Fb", "slash");
        await _host.SendTargetAsync("PUT", "/api/v1/kv/a%252Fb", "percent");
        Assert.EndsWith("slash", await _host.SendTargetAsync("GET", "/api/v1/kv/a/b?raw"));
        Assert.EndsWith("percent", await _host.SendTargetAsync("GET", "/api/v1/kv/a%252Fb?raw"));
        Assert.Contains("\"key\":\"a%2Fb\"", await _host.SendTargetAsync("GET", "/api/v1/kv/a%252Fb"));
    }

    [Theory]
    [InlineData("a/../b", "a/../b")]
    [InlineData("./a", "./a")]
    [InlineData("a//b", "a//b")]
    [InlineData("/a", "/a")]
    [InlineData("a/", "a/")]
    [InlineData("a+b", "a+b")]
    [InlineData("a%20b", "a b")]
    [InlineData("range", "range")]
    [InlineData("%C3%A4", "ä")]
    public async Task Path_is_the_key_as_it_stands(string path, string key)
    {
        Assert.StartsWith("HTTP/1.1 201", await _host.SendTargetAsync("PUT", "/api/v1/kv/" + path, "v"));
        Assert.NotNull(_host.Node.View.Get(Encoding.UTF8.GetBytes(key)));
        Assert.StartsWith("HTTP/1.1 200", await _host.SendTargetAsync("GET", "http://x/api/v1/kv/" + path));
    }

    [Fact]
    public async Task Any_bytes_go_through_the_query_as_base64url()
    {
        await _host.SendAsync("PUT", "/api/v1/kv?key=AP_-&keyEncoding=base64url", "v");
        Assert.NotNull(_host.Node.View.Get([0, 0xFF, 0xFE]));
        JsonElement read = await (await _host.SendAsync("GET", "/api/v1/kv?key=AP_-&keyEncoding=base64url")).JsonAsync();
        Assert.Equal("AP_-", read.GetProperty("key").GetString());
        Assert.Equal("base64url", read.GetProperty("keyEncoding").GetString());
        Assert.Equal("v", read.GetProperty("value").GetString());
        await _host.SendAsync("DELETE", "/api/v1/kv?key=AP_-&keyEncoding=base64url");
        Assert.Null(_host.Node.View.Get([0, 0xFF, 0xFE]));
        await _host.SendAsync("PUT", "/api/v1/kv?key=%00%ff", "v");
        Assert.NotNull(_host.Node.View.Get([0, 0xFF]));
    }

    [Theory]
    [InlineData("/api/v1/kv/a%zz")]
    [InlineData("/api/v1/kv/a%2")]
    [InlineData("/api/v1/kv/%")]
    [InlineData("/api/v1/kv?key=%g0")]
    [InlineData("/api/v1/kv?key=a%")]
    [InlineData("/api/v1/kv?key=!&keyEncoding=base64url")]
    [InlineData("/api/v1/kv?key=a&keyEncoding=hex")]
    [InlineData("/api/v1/kv?key=")]
    [InlineData("/api/v1/kv/")]
    public async Task Broken_keys_are_refused(string target)
    {
        string answer = await _host.SendTargetAsync("PUT", target, "v");
        Assert.StartsWith("HTTP/1.1 400", answer);
        Assert.Contains("invalid-request", answer);
        Assert.Equal(0, _host.Node.View.KeyCount);
    }

    [Fact]
    public async Task Longest_key_fits_the_path_and_one_byte_more_does_not()
    {
        Assert.StartsWith("HTTP/1.1 201", await _host.SendTargetAsync("PUT", "/api/v1/kv/" + new string('k', 65_535), "v"));
        Assert.StartsWith("HTTP/1.1 200", await _host.SendTargetAsync("PUT", "/api/v1/kv/" + string.Concat(Enumerable.Repeat("%6b", 65_535)), "v"));
        string answer = await _host.SendTargetAsync("PUT", "/api/v1/kv/" + new string('k', 65_536), "v");
        Assert.StartsWith("HTTP/1.1 400", answer);
        Assert.Contains("65535", answer);
        Assert.Equal(1, _host.Node.View.KeyCount);
    }
}
