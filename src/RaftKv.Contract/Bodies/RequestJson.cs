using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

/// <summary>
/// How request bodies are written and read: strictly. A member that is unknown or written twice is refused, since a
/// misspelt <c>compare</c> would otherwise turn a guarded write into an unguarded one.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
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
[JsonSerializable(typeof(MemberAddBody))]
[JsonSerializable(typeof(MemberReplaceBody))]
[JsonSerializable(typeof(MemberPatchBody))]
[JsonSerializable(typeof(MemberChangeBody))]
[JsonSerializable(typeof(LoginBody))]
[JsonSerializable(typeof(UserBody))]
[JsonSerializable(typeof(PasswordBody))]
[JsonSerializable(typeof(RoleNameBody))]
[JsonSerializable(typeof(KeyGrantBody))]
[JsonSerializable(typeof(OperationsBody))]
[JsonSerializable(typeof(TokenBody))]
public sealed partial class RequestJson : JsonSerializerContext;
