using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Serialization;
using RaftKv.Client;
using RaftKv.Client.Errors;
using RaftKv.Orleans;

namespace RaftKv.Hosts.Tests.Orleans;

/// <summary>
/// What a grain lets out when the store fails it reaches its caller in another silo or client as what it is, and claims no more than
/// was carried.
/// </summary>
public sealed class OrleansExceptionTests
{
    /// <summary>One of each type of exception that the client has.</summary>
    private static readonly RaftKvException[] All =
    [
        new RaftKvUnavailableException(FailureOf("unreachable"), new HttpRequestException("refused")),
        new RaftKvOutcomeUnknownException(FailureOf("timeout") with { Outcome = Outcome.Unknown, OperationId = "op" }, null),
        new RaftKvPreconditionException(FailureOf("precondition-failed") with { CurrentRevision = 7 }, null),
        new RaftKvCompactedException(FailureOf("compacted") with { CompactedRevision = 7 }, null),
        new RaftKvWriteConcernUnmetException(FailureOf("write-concern-unmet") with { Outcome = Outcome.Applied }, null),
        new RaftKvConsistencyUnmetException(FailureOf("consistency-unmet"), null),
        new RaftKvSessionMismatchException(FailureOf("session-mismatch"), null),
        new RaftKvLockHeldException(FailureOf("lock-held"), null),
        new RaftKvRequestException(FailureOf("bad-request"), null),
        new RaftKvProtocolException(FailureOf("bad-answer"), null),
    ];

    private static Failure FailureOf(string code) => new(code, "what happened: " + code, Outcome.NotApplied) { Node = "n1" };

    [Fact]
    public void One_of_each_type_is_tried() => Assert.Equal(
        typeof(RaftKvException).Assembly.GetTypes().Where(static type => type.BaseType == typeof(RaftKvException)).ToHashSet(),
        All.Select(static exception => exception.GetType()).ToHashSet());

    [Theory]
    [InlineData("clustering")]
    [InlineData("directory")]
    [InlineData("reminders")]
    [InlineData("storage")]
    public void A_silo_carries_it_with_whichever_table_is_here(string table)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.UseOrleans(silo => _ = table switch
        {
            "clustering" => silo.UseRaftKvClustering(),
            "directory" => silo.UseRaftKvGrainDirectoryAsDefault(),
            "reminders" => silo.UseRaftKvReminders(),
            _ => silo.AddRaftKvGrainStorageAsDefault(),
        });
        using IHost host = builder.Build();
        CarriesAll(host.Services.GetRequiredService<Serializer>());
    }

    [Fact]
    public void A_client_carries_it()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.UseOrleansClient(static client => client.UseRaftKvClustering());
        using IHost host = builder.Build();
        CarriesAll(host.Services.GetRequiredService<Serializer>());
    }

    private static void CarriesAll(Serializer serializer)
    {
        foreach (RaftKvException sent in All)
        {
            RaftKvException got = Assert.IsAssignableFrom<RaftKvException>(
                serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(sent)));
            Assert.Equal((sent.GetType(), sent.Message), (got.GetType(), got.Message));
            Assert.Equal(sent.InnerException?.Message, got.InnerException?.Message);

            // Nothing is claimed that was not carried: least of all that a write surely had no effect.
            Assert.Equal((Outcome.Unknown, "unknown"), (got.Outcome, got.Code));
            Assert.Null(got.Node);
            if (got is RaftKvLockHeldException held)
            {
                Assert.Empty(held.Holders);
            }

            if (got is RaftKvConsistencyUnmetException unmet)
            {
                Assert.Equal(new AskedConsistency(null, null, null), unmet.Asked);
            }
        }
    }
}
