using System.Net;
using RaftKv.Dashboard.Keys;

namespace RaftKv.Dashboard.Tests.Keys;

/// <summary>What is gone and can still be had again.</summary>
public sealed class DeletedKeysTests
{
    [Fact]
    public async Task A_key_is_listed_once_with_its_last_end_and_not_when_it_is_back()
    {
        var nodes = new StubNodes(request => request.RequestUri!.PathAndQuery switch
        {
            string path when path.Contains("startRevision=4&", StringComparison.Ordinal) => StubNodes.Json(
                """{"revision":9,"events":[{"key":"a","type":"delete","reason":"delete","modRevision":5},"""
                + """{"key":"b","type":"delete","reason":"expired","modRevision":6},"""
                + """{"key":"a","type":"delete","reason":"delete","modRevision":8}]}"""),
            string path when path.Contains("startRevision=", StringComparison.Ordinal) => StubNodes.Json("""{"revision":9,"events":[]}"""),
            string path when path.Contains("key=b", StringComparison.Ordinal) => StubNodes.Json("""{"key":"b"}"""),
            _ => StubNodes.Json("""{"status":404}""", HttpStatusCode.NotFound),
        });

        DeletedKey gone = Assert.Single(await new DeletedKeys(nodes.Client()).ListAsync("", compacted: 3));

        Assert.Equal(("a", 8, "delete"), (gone.Name.Text, gone.Revision, gone.Reason));
        Assert.Contains(nodes.Asked, asked => asked.Contains("startRevision=9&", StringComparison.Ordinal));
    }
}
