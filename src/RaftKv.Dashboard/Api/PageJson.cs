using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftKv.Dashboard.Api;

/// <summary>How the page's own forms are read, worked out at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(KeyVersion))]
[JsonSerializable(typeof(KeyPage))]
[JsonSerializable(typeof(KeyHistory))]
[JsonSerializable(typeof(ChangeMessage))]
internal sealed partial class PageJson : JsonSerializerContext;
