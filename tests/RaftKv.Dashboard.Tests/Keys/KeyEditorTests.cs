using System.Net;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Keys;

namespace RaftKv.Dashboard.Tests.Keys;

/// <summary>Nobody's change is written over unseen.</summary>
public sealed class KeyEditorTests
{
    private static readonly KeyVersion Pair = new() { Key = "a b", Value = "old", Encoding = "utf-8", ModRevision = 7, Lease = "1f" };

    [Fact]
    public async Task A_save_is_a_compare_and_set_that_keeps_the_lease()
    {
        var nodes = new StubNodes(_ => StubNodes.Json("{}"));

        Assert.Equal(SaveResult.Saved, await KeyEditor.Of(nodes.Client(), Pair).SaveAsync());
        Assert.Equal("PUT /api/v1/kv?key=a%20b&lease=1f If-Match: \"7\"", Assert.Single(nodes.Asked));
    }

    [Fact]
    public async Task A_new_key_must_not_exist_and_needs_a_name()
    {
        var nodes = new StubNodes(_ => StubNodes.Json("{}", HttpStatusCode.Created));
        KeyEditor editor = KeyEditor.New(nodes.Client(), "");

        Assert.Equal(SaveResult.Failed, await editor.SaveAsync());
        Assert.Empty(nodes.Asked);

        editor.Name = new KeyName("x");
        Assert.Equal(SaveResult.Saved, await editor.SaveAsync());
        Assert.Equal("PUT /api/v1/kv?key=x If-None-Match: *", Assert.Single(nodes.Asked));
    }

    [Fact]
    public async Task After_a_conflict_the_text_is_kept_and_stands_on_the_newer_version()
    {
        var nodes = new StubNodes(request => request.Method == HttpMethod.Put
            ? StubNodes.Json("""{"status":412,"code":"precondition-failed","applied":"no"}""", HttpStatusCode.PreconditionFailed)
            : StubNodes.Json("""{"key":"a b","value":"theirs","encoding":"utf-8","modRevision":9}"""));
        KeyEditor editor = KeyEditor.Of(nodes.Client(), Pair);
        editor.Text = "mine";

        Assert.Equal(SaveResult.Conflict, await editor.SaveAsync());
        Assert.Equal(("mine", "theirs", true), (editor.Text, editor.BaseText, editor.IsPreview));
        Assert.Equal(("If-Match", "\"9\""), editor.Condition);
        Assert.Contains("revision 9", editor.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_deleted_meanwhile_would_be_made_anew_only_if_it_is_still_gone()
    {
        var nodes = new StubNodes(request => request.Method == HttpMethod.Put
            ? StubNodes.Json("""{"status":412}""", HttpStatusCode.PreconditionFailed)
            : StubNodes.Json("""{"status":404}""", HttpStatusCode.NotFound));
        KeyEditor editor = KeyEditor.Of(nodes.Client(), Pair);

        Assert.Equal(SaveResult.Conflict, await editor.SaveAsync());
        Assert.Equal(("If-None-Match", "*"), editor.Condition);
    }

    [Fact]
    public async Task An_unknown_outcome_is_not_told_as_a_failure()
    {
        var nodes = new StubNodes(_ => StubNodes.Json(
            """{"status":504,"code":"outcome-unknown","applied":"unknown","detail":"It took too long."}""", HttpStatusCode.GatewayTimeout));
        KeyEditor editor = KeyEditor.Of(nodes.Client(), Pair);

        Assert.Equal(SaveResult.Failed, await editor.SaveAsync());
        Assert.Contains("may be written", editor.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restored_value_that_is_no_text_is_written_as_its_bytes()
    {
        var version = new KeyVersion { Key = "a", Value = "AP8=", Encoding = "base64", ModRevision = 3 };
        KeyEditor editor = KeyEditor.Restore(new StubNodes(_ => StubNodes.Json("{}")).Client(), new KeyName("a"), version, current: null);

        Assert.Equal([0, 255], editor.Request.Body!.Value.ToArray());
        Assert.True(editor.IsPreview);
    }
}
