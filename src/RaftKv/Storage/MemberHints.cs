using System.Text.Json;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Members;

namespace RaftKv.Storage;

/// <summary>
/// Where the members were when this node last knew, kept in <c>members.json</c>: a node whose log is damaged finds the
/// others by it. A hint and no more: who a member is, the log of the others says. Safe from any thread.
/// </summary>
public sealed class MemberHints(DataDirectory directory)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "members.json";

    private readonly Lock _gate = new();
    private Membership? _newest;
    private Task _writing = Task.CompletedTask;

    /// <summary>Keeps these soon, on another thread; a disk that fails keeps the ones before.</summary>
    public void Note(Membership members)
    {
        lock (_gate)
        {
            _newest = members;
            if (_writing.IsCompleted)
            {
                _writing = Task.Run(WriteNewest);
            }
        }
    }

    /// <summary>Names with the peer addresses that they had; empty when nothing readable is there.</summary>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, FileName)));
            foreach (JsonProperty member in json.RootElement.EnumerateObject())
            {
                found[member.Name] = member.Value.GetString() ?? "";
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            found.Clear();
        }

        return found;
    }

    private void WriteNewest()
    {
        Membership? written = null;
        while (true)
        {
            Membership members;
            lock (_gate)
            {
                if (_newest is null || ReferenceEquals(_newest, written))
                {
                    _writing = Task.CompletedTask;
                    return;
                }

                members = _newest;
            }

            try
            {
                directory.Write(FileName, ToJson(members));
            }
            catch (StorageFailedException)
            {
                // A hint: the node that needs the disk for more will notice.
            }

            written = members;
        }
    }

    private static byte[] ToJson(Membership members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            foreach (IGrouping<string, Member> member in members.Details.Where(static m => m.Name.Length > 0 && m.PeerUrl.Length > 0)
                .GroupBy(static member => member.Name, StringComparer.Ordinal))
            {
                json.WriteString(member.Key, member.Last().PeerUrl);
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
