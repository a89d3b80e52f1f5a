using System.Text.Json.Serialization;
using Orleans;
using Orleans.Runtime;

namespace RaftKv.Orleans;

/// <summary>A silo's row.</summary>
internal sealed record MemberRow
{
    public required string Silo { get; init; }

    public required SiloStatus Status { get; init; }

    public required int ProxyPort { get; init; }

    public string HostName { get; init; } = "";

    public string SiloName { get; init; } = "";

    public string? RoleName { get; init; }

    public int UpdateZone { get; init; }

    public int FaultZone { get; init; }

    public required DateTime StartTime { get; init; }

    public required DateTime IAmAliveTime { get; init; }

    /// <summary>Null when nobody ever voted, as in Orleans' own entry.</summary>
    public IReadOnlyList<Suspicion>? Suspicions { get; init; }

    internal static MemberRow Of(MembershipEntry entry) => new()
    {
        Silo = entry.SiloAddress.ToParsableString(),
        Status = entry.Status,
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName ?? "",
        SiloName = entry.SiloName ?? "",
        RoleName = entry.RoleName,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
        Suspicions = entry.SuspectTimes?.ConvertAll(static vote => new Suspicion(vote.Item1.ToParsableString(), vote.Item2)),
    };

    /// <param name="alive">When the silo last said that it lives, where that is kept; the later time counts.</param>
    internal MembershipEntry ToEntry(DateTime? alive) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(Silo),
        Status = Status,
        ProxyPort = ProxyPort,
        HostName = HostName,
        SiloName = SiloName,
        RoleName = RoleName,
        UpdateZone = UpdateZone,
        FaultZone = FaultZone,
        StartTime = StartTime,
        IAmAliveTime = alive > IAmAliveTime ? alive.Value : IAmAliveTime,
        SuspectTimes = Suspicions?.Select(static vote => Tuple.Create(SiloAddress.FromParsableString(vote.By), vote.At)).ToList(),
    };
}

/// <summary>A vote that a silo is dead.</summary>
internal sealed record Suspicion(string By, DateTime At);

/// <summary>Where a grain is.</summary>
internal sealed record DirectoryRow(string Grain, string Silo, string Activation, long MembershipVersion)
{
    internal static DirectoryRow Of(GrainAddress address) => new(
        address.GrainId.ToString(),
        address.SiloAddress!.ToParsableString(),
        address.ActivationId.ToParsableString(),
        address.MembershipVersion.Value);

    internal GrainAddress ToAddress() => new()
    {
        GrainId = GrainId.Parse(Grain),
        SiloAddress = SiloAddress.FromParsableString(Silo),
        ActivationId = ActivationId.FromParsableString(Activation),
        MembershipVersion = new MembershipVersion(MembershipVersion),
    };

    /// <summary>The same activation, whatever version of the membership it was told with.</summary>
    internal bool IsActivation(GrainAddress address) =>
        Activation == address.ActivationId.ToParsableString() && Silo == address.SiloAddress?.ToParsableString();
}

/// <summary>A reminder.</summary>
internal sealed record ReminderRow(string Grain, string Name, DateTime StartAt, TimeSpan Period)
{
    internal static ReminderRow Of(ReminderEntry entry) => new(entry.GrainId.ToString(), entry.ReminderName, entry.StartAt, entry.Period);

    internal ReminderEntry ToEntry(string etag) => new()
    {
        GrainId = GrainId.Parse(Grain),
        ReminderName = Name,
        StartAt = StartAt,
        Period = Period,
        ETag = etag,
    };
}

/// <summary>How the rows are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MemberRow))]
[JsonSerializable(typeof(DirectoryRow))]
[JsonSerializable(typeof(ReminderRow))]
internal sealed partial class RowJson : JsonSerializerContext;
