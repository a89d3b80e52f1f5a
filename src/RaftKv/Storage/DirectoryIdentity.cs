using System.Globalization;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Engine;

namespace RaftKv.Storage;

/// <summary>
/// Who a data directory is; kept in its <c>identity.json</c>. The directory is the member: an empty one is another.
/// </summary>
/// <param name="NodeName">The node's name in the cluster list: a label.</param>
/// <param name="NodeId">The instance: drawn when the directory was made, and never again.</param>
/// <param name="ClusterId">Its cluster; 0 before the founding.</param>
/// <param name="InitialCluster">The cluster list that it was started with before it was founded, as <c>name=url</c>.</param>
/// <param name="Stage">How far its founding is.</param>
/// <param name="Roll">What it has promised itself to; null before that.</param>
/// <param name="Life">Its newest start.</param>
/// <param name="HasLog">True once a write-ahead log was created: from then on a directory without one has lost its
/// memory.</param>
public sealed record DirectoryIdentity(
    string NodeName, NodeId NodeId, ulong ClusterId, IReadOnlyList<string> InitialCluster, FoundingStage Stage, FoundingRoll? Roll,
    Life Life, bool HasLog)
{
    /// <summary>What <see cref="Restored"/> says while a restore is under way.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>
    /// Digest of the state that its cluster begins with, for a directory that was restored; null for one that began empty.
    /// Only directories with one digest found a cluster together.
    /// </summary>
    public string? Restored { get; init; }

    /// <summary>
    /// How many directories found its cluster, when they find each other in place of a list; 0 with a list. The list is what
    /// they promised themselves to then.
    /// </summary>
    public int Expected { get; init; }

    /// <summary>The engine whose log this is; one directory is never another's.</summary>
    public string Engine { get; init; } = EngineNames.Native;

    /// <summary>Name of the file.</summary>
    public const string FileName = "identity.json";

    private const int FormatVersion = 3;

    /// <summary>What a directory is that was just made.</summary>
    public static DirectoryIdentity New(string name, NodeId instance, IReadOnlyList<string> list) =>
        new(name, instance, 0, list, FoundingStage.Open, null, default, HasLog: false);

    /// <summary>The file's bytes.</summary>
    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("formatVersion", FormatVersion);
            json.WriteString("nodeName", NodeName);
            json.WriteString("nodeId", NodeId.ToString());
            json.WriteString("clusterId", Hex(ClusterId));
            json.WriteStartArray("initialCluster");
            foreach (string member in InitialCluster)
            {
                json.WriteStringValue(member);
            }

            json.WriteEndArray();
            json.WriteString("founding", NameOf(Stage));
            json.WriteStartObject("roll");
            foreach (FoundingSeat seat in Roll?.Seats ?? [])
            {
                json.WriteString(seat.Name, seat.Url.Length == 0 ? seat.Instance.ToString() : $"{seat.Instance} {seat.Url}");
            }

            json.WriteEndObject();
            json.WriteNumber("starts", Life.Number);
            json.WriteString("startNonce", Hex(Life.Nonce));
            json.WriteBoolean("hasLog", HasLog);
            if (Restored is not null)
            {
                json.WriteString("restored", Restored);
            }

            if (Expected > 0)
            {
                json.WriteNumber("expected", Expected);
            }

            json.WriteString("engine", Engine);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>
    /// Reads the file. Throws <see cref="DataDirectoryException"/> when it is not readable or of another version.
    /// </summary>
    public static DirectoryIdentity Read(string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = json.RootElement;
            int version = root.GetProperty("formatVersion").GetInt32();
            if (version < FormatVersion)
            {
                throw new DataDirectoryException(
                    $"{path} has format version {version}, of an earlier build, in which a node's id came from its name; this program can't"
                    + " go on with it. Save what is needed with the program that wrote it, and start this one with an empty directory.");
            }

            if (version != FormatVersion)
            {
                throw new DataDirectoryException(
                    $"{path} has format version {version}; this program knows version {FormatVersion}. Start a newer version of it.");
            }

            return Parse(root);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or IOException or UnauthorizedAccessException or OverflowException)
        {
            throw new DataDirectoryException(
                $"{path} is not readable: {error.Message} It says whose data this is, so the node does not start without it. Put"
                + " the file back, or remove the member from the cluster, empty the directory and add it as a new member.",
                error);
        }
    }

    private static DirectoryIdentity Parse(JsonElement root)
    {
        FoundingSeat[] seats = [.. root.GetProperty("roll").EnumerateObject().Select(
            seat => SeatOf(seat.Name, seat.Value.GetString() ?? ""))];
        return new DirectoryIdentity(
            root.GetProperty("nodeName").GetString() ?? "",
            new NodeId(ParseHex(root.GetProperty("nodeId").GetString())),
            ParseHex(root.GetProperty("clusterId").GetString()),
            [.. root.GetProperty("initialCluster").EnumerateArray().Select(member => member.GetString() ?? "")],
            StageOf(root.GetProperty("founding").GetString()),
            RollOf(seats),
            new Life(root.GetProperty("starts").GetInt64(), ParseHex(root.GetProperty("startNonce").GetString())),
            root.GetProperty("hasLog").GetBoolean())
        {
            Restored = root.TryGetProperty("restored", out JsonElement restored) ? restored.GetString() : null,
            Engine = root.TryGetProperty("engine", out JsonElement engine) ? engine.GetString() ?? "" : EngineNames.Native,
            Expected = root.TryGetProperty("expected", out JsonElement expected) ? expected.GetInt32() : 0,
        };
    }

    // The instance, and behind a space the address where there is one.
    private static FoundingSeat SeatOf(string name, string text)
    {
        int at = text.IndexOf(' ', StringComparison.Ordinal);
        return at < 0
            ? new FoundingSeat(name, new NodeId(ParseHex(text)))
            : new FoundingSeat(name, new NodeId(ParseHex(text[..at])), text[(at + 1)..]);
    }

    private static FoundingRoll? RollOf(FoundingSeat[] seats) => seats.Length == 0
        ? null
        : FoundingRoll.IsSound(seats) ? new FoundingRoll(seats) : throw new FormatException("An instance is twice in the roll.");

    private static string NameOf(FoundingStage stage) => stage switch
    {
        FoundingStage.Open => "open",
        FoundingStage.Promised => "promised",
        FoundingStage.Founded => "founded",
        _ => Check.Unreachable<string>(stage),
    };

    private static FoundingStage StageOf(string? name) => name switch
    {
        "open" => FoundingStage.Open,
        "promised" => FoundingStage.Promised,
        "founded" => FoundingStage.Founded,
        _ => throw new FormatException($"\"{name}\" is no stage of a founding."),
    };

    /// <summary>How the directory's files write ids: 16 hex digits.</summary>
    internal static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Reads one. Throws <see cref="FormatException"/> and <see cref="OverflowException"/>.</summary>
    internal static ulong ParseHex(string? text) =>
        ulong.Parse(text ?? "", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
