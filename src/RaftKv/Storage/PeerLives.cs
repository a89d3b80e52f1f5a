using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Identity;

namespace RaftKv.Storage;

/// <summary>
/// The newest start of each peer's data directory that this node has met, kept in <c>peers.json</c>: by it copies of a
/// directory are noticed. Safe from any thread.
/// </summary>
public sealed class PeerLives
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "peers.json";

    private readonly Lock _gate = new();
    private readonly Action<byte[]>? _write;
    private readonly LifeBook _book = new();

    private PeerLives(Action<byte[]>? write) => _write = write;

    /// <summary>Keeps what it meets in memory only.</summary>
    public static PeerLives InMemory() => new(null);

    /// <summary>What the directory knows. Throws <see cref="DataDirectoryException"/> when its file is not readable.</summary>
    public static PeerLives Open(DataDirectory directory)
    {
        var lives = new PeerLives(content => directory.Write(FileName, content));
        string path = Path.Combine(directory.Path, FileName);
        if (!File.Exists(path))
        {
            return lives;
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonProperty peer in json.RootElement.EnumerateObject())
            {
                ulong nonce = DirectoryIdentity.ParseHex(peer.Value.GetProperty("nonce").GetString());
                var life = new Life(peer.Value.GetProperty("starts").GetInt64(), nonce);
                lives._book.Recall(new NodeId(DirectoryIdentity.ParseHex(peer.Name)), life);
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or IOException or UnauthorizedAccessException or OverflowException)
        {
            throw new DataDirectoryException(
                $"{path} is not readable: {error.Message} Nothing but the memory of the peers' starts is in it: move it away, and start"
                + " again.",
                error);
        }

        return lives;
    }

    /// <summary>Judges a start, and keeps a newer one. Also what was known before.</summary>
    public (LifeVerdict Verdict, Life Known) Meet(NodeId peer, Life said)
    {
        lock (_gate)
        {
            LifeVerdict verdict = _book.Meet(peer, said, out Life known, out bool isNews);
            if (isNews)
            {
                Save();
            }

            return (verdict, known);
        }
    }

    private void Save()
    {
        try
        {
            _write?.Invoke(ToJson());
        }
        catch (StorageFailedException)
        {
            // It helps to notice copies, and no promise rests on it: a full disk must not end a node for this. What was
            // met is known until the process ends.
        }
    }

    private byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            foreach ((NodeId peer, Life life) in _book.Known)
            {
                json.WriteStartObject(peer.ToString());
                json.WriteNumber("starts", life.Number);
                json.WriteString("nonce", DirectoryIdentity.Hex(life.Nonce));
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
