using System.Text;
using RaftKv.Core.Calls;
using RaftKv.Core;
using RaftKv.Core.Replica;
using RaftKv.Core.Reads;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Node;
using RaftKv.Service;
using RaftKv.Service.Calls;
using RaftKv.Service.Metrics;
using RaftKv.Service.Observing;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Service;

/// <summary>The service over a fake node, asked without any door.</summary>
internal sealed class FakeService : IDisposable
{
    public FakeService() => Service = new KvService(Node, new ApiOptions());

    public SingleNodeFake Node { get; } = new();

    public KvService Service { get; }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public TestCall NewCall(RequestKind kind = RequestKind.Write, CallTerms? terms = null)
    {
        var call = new TestCall(Service.Context);
        call.Begin(kind, terms ?? new CallTerms { Read = new ReadTerms(ReadLevel.Linearizable), Timeout = TimeSpan.FromSeconds(5) });
        return call;
    }

    public async Task<CommandResult> ApplyAsync(KvCommand command)
    {
        byte[] envelope = KvCommandCodec.Encode(command, Node.HeadroomBytes);
        ProposeResult proposed = await Node.ProposeAsync(envelope, TimeSpan.FromSeconds(5), CancellationToken.None);
        Assert.Equal(ProposalOutcome.Applied, proposed.Outcome);
        return proposed.Result!;
    }

    public Task<CommandResult> PutAsync(string key, string value = "v") =>
        ApplyAsync(new MutateCommand(new PutOp(Bytes(key), Bytes(value))));

    public Task<CommandResult> DeleteAsync(ReadOnlyMemory<byte> key) =>
        ApplyAsync(new MutateCommand(new DeleteRangeOp(KeyRange.Single(key))));

    public void Dispose() => Node.Watches.Dispose();
}

/// <summary>A call through no door.</summary>
internal sealed class TestCall(NodeContext context) : ServiceCall(context)
{
    public override KeyRange? Keys => null;

    public override CancellationToken ClientGone => CancellationToken.None;

    public override string RequestId => "request";

    public override CallOrigin Origin => new("test", null);

    protected override byte[] HashPayload() => [];
}
