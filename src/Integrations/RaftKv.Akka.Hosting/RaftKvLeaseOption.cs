using System.Globalization;
using System.Text;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Hosting.Coordination;

namespace RaftKv.Akka.Hosting;

/// <summary>
/// RaftKv's lease, for what takes a lease in Akka.Hosting: <c>LeaseImplementation</c> of singletons, shards and split-brain
/// resolvers. <see cref="RaftKvAkkaHostingExtensions.WithRaftKvLease"/> brings the client.
/// </summary>
public sealed class RaftKvLeaseOption : LeaseOptionBase
{
    /// <summary>How long the lease outlives an owner that crashed, 100 ms or more; renewed at a third of it. Null means 30 s.</summary>
    public TimeSpan? HeartbeatTimeout { get; set; }

    /// <summary>Most time for an acquisition or a release. Null means 5 s.</summary>
    public TimeSpan? LeaseOperationTimeout { get; set; }

    /// <summary>The lock's name is this and the lease's name. Null means <c>akka/</c>.</summary>
    public string? LockPrefix { get; set; }

    /// <inheritdoc/>
    public override string ConfigPath => RaftKvLease.ConfigPath;

    /// <inheritdoc/>
    public override Type Class { get; } = typeof(RaftKvLease);

    /// <summary>Puts the settings above the configuration that is there, and the defaults below it.</summary>
    /// <param name="builder">Of the actor system.</param>
    /// <param name="setup">Not used.</param>
    public override void Apply(AkkaConfigurationBuilder builder, Setup? setup = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        StringBuilder settings = new();
        Append(settings, "heartbeat-timeout", Text(HeartbeatTimeout));
        Append(settings, "lease-operation-timeout", Text(LeaseOperationTimeout));
        Append(settings, "lock-prefix", LockPrefix is null ? null : '"' + LockPrefix.Replace("\\", @"\\").Replace("\"", "\\\"") + '"');
        if (settings.Length > 0)
        {
            builder.AddHocon(ConfigurationFactory.ParseString($"{ConfigPath} {{\n{settings}}}"), HoconAddMode.Prepend);
        }

        builder.AddHocon(RaftKvLease.DefaultConfig, HoconAddMode.Append);
    }

    private static void Append(StringBuilder settings, string name, string? value)
    {
        if (value is not null)
        {
            settings.Append(name).Append(" = ").Append(value).Append('\n');
        }
    }

    private static string? Text(TimeSpan? span) =>
        span is { } value ? string.Create(CultureInfo.InvariantCulture, $"{(long)value.TotalMilliseconds}ms") : null;
}
