using System.Globalization;
using System.Text.Json;
using RaftKv.Core;

namespace RaftKv.Storage;

/// <summary>Whose data a directory holds; kept in its <c>identity.json</c>.</summary>
/// <param name="NodeName">The node's name in the cluster list.</param>
/// <param name="InitialCluster">The cluster list that the node was first started with, as <c>name=url</c>.</param>
/// <param name="HasLog">True once a write-ahead log was created: from then on a directory without one has lost its
/// memory.</param>
public sealed record DirectoryIdentity(
    string NodeName, NodeId NodeId, ulong ClusterId, IReadOnlyList<string> InitialCluster, bool HasLog)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "identity.json";

    private const int FormatVersion = 2;

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
            json.WriteString("clusterId", ClusterId.ToString("x16", CultureInfo.InvariantCulture));
            json.WriteStartArray("initialCluster");
            foreach (string member in InitialCluster)
            {
                json.WriteStringValue(member);
            }

            json.WriteEndArray();
            json.WriteBoolean("hasLog", HasLog);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>
    /// Reads the file. Throws <see cref="DataDirectoryException"/> when it is not readable or of a newer version.
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
                    $"{path} has format version {version}, that of release 0.1, whose log this program can't read. Save what is needed"
                    + " with the program that wrote it, and start this one with an empty directory.");
            }

            if (version != FormatVersion)
            {
                throw new DataDirectoryException(
                    $"{path} has format version {version}; this program knows version {FormatVersion}. Start a newer version of it.");
            }

            return new DirectoryIdentity(
                root.GetProperty("nodeName").GetString() ?? "",
                new NodeId(ParseHex(root, "nodeId")),
                ParseHex(root, "clusterId"),
                [.. root.GetProperty("initialCluster").EnumerateArray().Select(member => member.GetString() ?? "")],
                root.GetProperty("hasLog").GetBoolean());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException(
                $"{path} is not readable: {error.Message} It says whose data this is, so the node does not start without it. Put"
                + " the file back, or remove the member from the cluster, empty the directory and add it as a new member.",
                error);
        }
    }

    private static ulong ParseHex(JsonElement root, string name) =>
        ulong.Parse(root.GetProperty(name).GetString() ?? "", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
