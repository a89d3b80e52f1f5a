using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Verbs.Access;

/// <summary>What the commands about users, roles and limits share.</summary>
internal static class AccessText
{
    /// <summary>A part of an answer, free to be put elsewhere.</summary>
    public static JsonNode? Part(JsonNode? of, string name) => of?[name]?.DeepClone();

    /// <summary>A row for each member of a list in an answer.</summary>
    public static IEnumerable<IReadOnlyList<JsonNode?>> Rows(JsonObject answer, string list, Func<JsonNode, JsonNode?[]> row) =>
        (answer[list] as JsonArray ?? []).Select(item => row(item!));

    /// <summary>Makes a change and says at which revision of what it holds.</summary>
    public static async Task<int> ChangeAsync(
        Invocation run, HttpMethod method, string target, JsonNode? body, params (string Name, JsonNode? Value)[] facts)
    {
        JsonObject answer = await run.Rest.SendAsync(method, target, body, run.Stop).ConfigureAwait(false);
        return run.Answer(Report.Item([.. facts, ("revision", Part(answer, "revision"))]));
    }
}
