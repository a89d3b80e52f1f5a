using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>Each guarantee of a session, broken, must be seen; what keeps them must pass.</summary>
public sealed class SessionCheckerTests
{
    private readonly LevelHistory _history = new();
    private readonly List<Handoff> _handoffs = [];

    [Theory]
    [InlineData(ReadLevel.Session)]
    [InlineData(ReadLevel.ReadYourWrites)]
    [InlineData(ReadLevel.Sequential)]
    [InlineData(ReadLevel.Linearizable)]
    public void A4_a_read_without_the_clients_own_write_is_seen(ReadLevel level)
    {
        _history.Write(client: 0, revision: 5);
        _history.Read(client: 0, level, revision: 4);
        Fails("A4");
    }

    [Theory]
    [InlineData(ReadLevel.Session)]
    [InlineData(ReadLevel.MonotonicReads)]
    [InlineData(ReadLevel.Sequential)]
    public void A4_a_read_older_than_one_before_is_seen_also_when_that_one_promised_nothing(ReadLevel level)
    {
        _history.Read(client: 0, ReadLevel.Eventual, revision: 5);
        _history.Read(client: 0, level, revision: 4);
        Fails("A4");
    }

    [Fact]
    public void A4_a_write_before_what_its_client_had_read_is_seen()
    {
        _history.Read(client: 0, ReadLevel.Eventual, revision: 9);
        _history.Write(client: 0, revision: 8);
        Fails("A4");
    }

    [Fact]
    public void A4_writes_of_one_client_out_of_order_are_seen()
    {
        _history.Write(client: 0, revision: 9);
        _history.Write(client: 0, revision: 8);
        Fails("A4");
    }

    [Fact]
    public void A5_a_causal_read_without_what_the_tokens_giver_had_seen_is_seen_over_two_hands()
    {
        _history.Write(client: 0, revision: 7);
        Hand(0, 1);
        Hand(1, 2);
        _history.Read(client: 2, ReadLevel.Causal, revision: 6);
        Fails("A5");
    }

    [Fact]
    public void What_a_level_does_not_promise_passes()
    {
        _history.Write(client: 0, revision: 5);
        _history.Read(client: 0, ReadLevel.Eventual, revision: 3);
        _history.Read(client: 0, ReadLevel.ConsistentPrefix, revision: 2);
        _history.Read(client: 0, ReadLevel.MonotonicReads, revision: 3);
        _history.Read(client: 1, ReadLevel.Session, revision: 1);
        _history.Read(client: 0, ReadLevel.ReadYourWrites, revision: 5);
        SessionChecker.Check(_history.Operations, _handoffs);
    }

    [Fact]
    public void What_the_giver_did_later_is_not_asked_for()
    {
        _history.Write(client: 0, revision: 5);
        Hand(0, 1);
        _history.Write(client: 0, revision: 6);
        _history.Read(client: 1, ReadLevel.Causal, revision: 5);
        SessionChecker.Check(_history.Operations, _handoffs);
    }

    private void Hand(int from, int to) => _handoffs.Add(new Handoff(_history.NextStamp(), from, to));

    private void Fails(string rule) => Assert.Equal(
        rule, Assert.Throws<SimulationViolationException>(() => SessionChecker.Check(_history.Operations, _handoffs)).Rule);
}
