using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Keys;

/// <summary>How an import ended.</summary>
/// <param name="Written">Keys that were written.</param>
/// <param name="Left">Keys that were left alone, since they exist.</param>
/// <param name="Problem">Why it ended early; empty when it did not.</param>
public sealed record ImportOutcome(int Written, int Left, string Problem);

/// <summary>
/// Writes keys of JSON lines, as an export of this page or of raftkvctl has them. All lines are read before the first key is
/// written; so many keys are one transaction. One flow of calls.
/// </summary>
internal sealed class KeyImport(NodeClient client)
{
    /// <summary>Characters that a page takes; larger files are the command line's.</summary>
    internal const int MaxCharacters = 2 * 1024 * 1024;

    private const int KeysOfATxn = 50;
    private const int CharactersOfATxn = 512 * 1024;

    /// <summary>Reads lines; the problem is empty when each is a key with its value.</summary>
    public static IReadOnlyList<KeyVersion> Read(string text, out string problem)
    {
        problem = text.Length > MaxCharacters ? "That is more than a page takes; use raftkvctl import." : "";
        var pairs = new List<KeyVersion>();
        int number = 0;
        foreach (string line in problem.Length > 0 ? [] : text.Split('\n'))
        {
            number++;
            if (line.Trim().Length == 0)
            {
                continue;
            }

            if (PairIn(line) is not { } pair)
            {
                problem = $"Line {number} is none of an export’s: it needs key, value and encoding. Nothing was written.";
                return [];
            }

            pairs.Add(pair);
        }

        return pairs;
    }

    /// <summary>Writes them.</summary>
    /// <param name="onlyMissing">Keys that exist are left alone.</param>
    public async Task<ImportOutcome> WriteAsync(
        IReadOnlyList<KeyVersion> pairs, bool onlyMissing, CancellationToken cancellationToken = default)
    {
        int written = 0;
        int left = 0;
        for (int at = 0; at < pairs.Count;)
        {
            List<KeyVersion> group = GroupFrom(pairs, at);
            at += group.Count;
            var request = new ApiRequest("POST", "/api/v1/txn")
            {
                Body = Encoding.UTF8.GetBytes(TxnOf(group, onlyMissing).ToJsonString()),
                ContentType = "application/json",
            };
            ApiAnswer answer = await client.SendAsync(client.Self, request, TimeSpan.FromSeconds(15), cancellationToken)
                .ConfigureAwait(false);
            if (!answer.IsOk || answer.Read(AnswerJson.Default.TxnAnswer) is not { } txn)
            {
                return new ImportOutcome(written, left, answer.Complaint);
            }

            int missed = onlyMissing ? txn.Responses.Count(static response => response.Txn is { Succeeded: false }) : 0;
            written += group.Count - missed;
            left += missed;
        }

        return new ImportOutcome(written, left, "");
    }

    // A key stands in a transaction once; what comes again begins the next.
    private static List<KeyVersion> GroupFrom(IReadOnlyList<KeyVersion> pairs, int at)
    {
        var group = new List<KeyVersion>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int characters = 0;
        for (; at < pairs.Count && group.Count < KeysOfATxn; at++)
        {
            characters += pairs[at].Value!.Length + pairs[at].Key.Length;
            if (!seen.Add($"{pairs[at].KeyEncoding} {pairs[at].Key}") || (group.Count > 0 && characters > CharactersOfATxn))
            {
                break;
            }

            group.Add(pairs[at]);
        }

        return group;
    }

    private static JsonObject TxnOf(List<KeyVersion> group, bool onlyMissing) => new()
    {
        ["then"] = new JsonArray([.. group.Select(pair => (JsonNode)(onlyMissing
            ? new JsonObject
            {
                ["txn"] = new JsonObject
                {
                    ["compare"] = new JsonArray(Named(pair, new JsonObject { ["target"] = "version", ["op"] = "=", ["operand"] = 0 })),
                    ["then"] = new JsonArray(Put(pair)),
                },
            }
            : Put(pair)))]),
    };

    private static JsonObject Put(KeyVersion pair) => new()
    {
        ["put"] = Named(pair, new JsonObject { ["value"] = pair.Value, ["encoding"] = pair.Encoding ?? "utf-8" }),
    };

    private static JsonObject Named(KeyVersion pair, JsonObject body)
    {
        body["key"] = pair.Key;
        if (pair.KeyEncoding is not null)
        {
            body["keyEncoding"] = pair.KeyEncoding;
        }

        return body;
    }

    private static KeyVersion? PairIn(string line)
    {
        try
        {
            // The command line writes base64url: before a key that is no text; this page says it beside.
            const string Bytes = "base64url:";
            KeyVersion? pair = JsonSerializer.Deserialize(line, PageJson.Default.KeyVersion);
            if (pair is not { Key.Length: > 0, Value: not null } || pair.Encoding is not (null or "utf-8" or "base64"))
            {
                return null;
            }

            if (pair.Encoding == "base64")
            {
                _ = Convert.FromBase64String(pair.Value);
            }

            return pair.Key.StartsWith(Bytes, StringComparison.Ordinal)
                ? pair with { Key = pair.Key[Bytes.Length..], KeyEncoding = "base64url" }
                : pair;
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            return null;
        }
    }
}
