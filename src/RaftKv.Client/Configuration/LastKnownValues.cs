using System.Text.Json;
using System.Text.Json.Serialization;
using RaftKv.Client.Http;

namespace RaftKv.Client.Configuration;

/// <summary>The last known settings in a file: whole or not at all, and readable by this user only.</summary>
internal sealed partial class LastKnownValues(string path)
{
    /// <summary>Null when there is no file, or none that can be read: the start then decides without it.</summary>
    internal Dictionary<string, string?>? Read()
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, FileJson.Default.DictionaryStringString) is { } values
                ? new Dictionary<string, string?>(values, StringComparer.OrdinalIgnoreCase)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>A file that can't be written must not end the application that has its settings.</summary>
    internal void Write(Dictionary<string, string?> values)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (FileStream file = new(temporary, options))
            {
                JsonSerializer.Serialize(file, values, FileJson.Default.DictionaryStringString);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Http.ClientMetrics.ConfigurationFileFaults.Add(1);
        }
    }

    [JsonSerializable(typeof(Dictionary<string, string?>))]
    private sealed partial class FileJson : JsonSerializerContext;
}
