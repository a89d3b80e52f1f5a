using System.Text;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Tests.Api;

/// <summary>What is copied does in a shell what the page does.</summary>
public sealed class CurlTextTests
{
    private static readonly Uri Node = new("http://127.0.0.1:2379");

    [Fact]
    public void A_read_with_its_level() => Assert.Equal(
        "curl -i -H 'RaftKv-Consistency: eventual' 'http://127.0.0.1:2379/api/v1/kv?key=a%20b'",
        CurlText.Of(Node, new ApiRequest("GET", "/api/v1/kv?key=a%20b").With("RaftKv-Consistency", "eventual")));

    [Fact]
    public void Who_has_signed_in_is_told_where_his_token_goes_and_never_shown_it()
    {
        var nodes = new StubNodes(static _ => StubNodes.Json("{}"));
        var request = new ApiRequest("GET", "/api/v1/kv?key=a");

        Assert.Equal(
            "curl -i -H \"Authorization: Bearer $RAFTKV_AUTH_TOKEN\" 'http://127.0.0.1:2379/api/v1/kv?key=a'",
            nodes.Client().As("Bearer rkl.secret").CurlOf(Node, request));
        Assert.DoesNotContain("Authorization", nodes.Client().CurlOf(Node, request), StringComparison.Ordinal);
    }

    [Fact]
    public void A_quote_in_a_value_ends_no_argument() => Assert.Equal(
        @"curl -i -X PUT -H 'Content-Type: application/octet-stream' --data-binary 'it'\''s; rm -rf' 'http://127.0.0.1:2379/x'",
        CurlText.Of(Node, new ApiRequest("PUT", "/x") { Body = Encoding.UTF8.GetBytes("it's; rm -rf") }));

    [Theory]
    [InlineData("@/etc/passwd")]
    [InlineData("a\0b")]
    public void What_a_shell_or_curl_would_change_goes_as_base64(string value)
    {
        byte[] body = Encoding.UTF8.GetBytes(value);
        string line = CurlText.Of(Node, new ApiRequest("PUT", "/x") { Body = body });

        Assert.StartsWith($"printf %s {Convert.ToBase64String(body)} | base64 -d | curl", line, StringComparison.Ordinal);
        Assert.Contains("--data-binary @-", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..", false, "key=..")]
    [InlineData("a/b c&d", false, "key=a%2Fb%20c%26d")]
    [InlineData("_w", true, "key=_w&keyEncoding=base64url")]
    public void A_key_is_named_in_the_query_so_that_no_path_is_tidied(string text, bool isBinary, string query) =>
        Assert.Equal(query, new KeyName(text, isBinary).Query);
}
