using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Clients;

namespace RaftKv.Simulation.Tests;

/// <summary>Operations one after the other, in which revision r stands at index r. Each takes 10 us of true time.</summary>
internal sealed class LevelHistory
{
    private long _stamp;
    private long _timeUs = 1_000_000;

    public List<ClientOperation> Operations { get; } = [];

    public long NextStamp() => ++_stamp;

    /// <summary>Nothing happens for so long.</summary>
    public void Pass(long us) => _timeUs += us;

    public ClientOperation Write(int client, long revision)
    {
        ClientOperation write = Add(client, new MutateCommand(new DeleteRangeOp(KeyRange.All)), default);
        write.Entry = new EntryId(new Term(1), new LogIndex(revision));
        write.Result = new CommandResult(CommandStatus.Ok, new Revision(revision));
        return write;
    }

    public ClientOperation Read(int client, ReadLevel level, long revision, long? boundUs = null, long? maxUs = null, long? maxLag = null)
    {
        ClientOperation read = Add(client, null, new ReadTerms(level, default, maxUs, maxLag));
        read.ViewIndex = revision;
        read.ViewRevision = revision;
        read.BoundUs = boundUs;
        read.DecidedAtUs = read.InvokedAtUs + 5;
        return read;
    }

    private ClientOperation Add(int client, KvCommand? command, ReadTerms terms)
    {
        var operation = new ClientOperation
        {
            Id = Operations.Count + 1,
            Client = client,
            Node = 0,
            Life = 0,
            Origin = new NodeId(1),
            Incarnation = 1,
            InvokedAt = ++_stamp,
            InvokedAtUs = _timeUs,
            ReturnedAt = ++_stamp,
            ReturnedAtUs = _timeUs + 10,
            Command = command,
            Terms = terms,
            Outcome = OperationOutcome.Ok,
        };
        _timeUs += 20;
        Operations.Add(operation);
        return operation;
    }
}
