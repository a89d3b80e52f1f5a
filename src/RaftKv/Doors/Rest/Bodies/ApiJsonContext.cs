using System.Text.Json.Serialization;
using RaftKv.Service.Advice;

namespace RaftKv.Doors.Rest.Bodies;

/// <summary>
/// How request bodies are read: strictly. A member that is unknown or written twice is refused, since a misspelt
/// <c>compare</c> would otherwise turn a guarded write into an unguarded one.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    NumberHandling = JsonNumberHandling.Strict,
    MaxDepth = 64,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RangeBody))]
[JsonSerializable(typeof(TxnBody))]
[JsonSerializable(typeof(CounterBody))]
[JsonSerializable(typeof(CompactBody))]
[JsonSerializable(typeof(AdviceBody))]
[JsonSerializable(typeof(ReceiptBody))]
[JsonSerializable(typeof(LeaseBody))]
[JsonSerializable(typeof(AcquireBody))]
[JsonSerializable(typeof(FenceBody))]
[JsonSerializable(typeof(GuardBody))]
[JsonSerializable(typeof(QuotaBody))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
