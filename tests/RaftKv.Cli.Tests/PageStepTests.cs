using RaftKv.Cli.Tests.Support;

namespace RaftKv.Cli.Tests;

/// <summary>What the tests of pages notice.</summary>
public sealed class PageStepTests
{
    [Fact]
    public void A_page_that_says_something_else_is_noticed()
    {
        PageStep[] steps =
            [.. PageStep.Of("```console\n$ curl a   # 200, ETag: \"3\"\n$ curl b\nHTTP/1.1 200 OK\n…\n\n$ curl c\n{}\n```\n")];
        Assert.Equal(["curl a", "curl b", "curl c"], steps.Select(static step => step.Line));
        string[] good = ["HTTP/1.1 200 OK\r\nETag: \"3\"\r\n\r\n", "HTTP/1.1 200 OK\r\nmore\r\n", "{}\n"];
        string[] bad = ["HTTP/1.1 412 Precondition Failed\r\n", "HTTP/1.1 201 Created\r\n", "{\"a\":1}\n"];

        Assert.All(steps.Zip(good), static pair => Assert.Empty(pair.First.Differences(pair.Second)));
        Assert.All(steps.Zip(bad), static pair => Assert.NotEmpty(pair.First.Differences(pair.Second)));
    }
}
