using System.Text.RegularExpressions;

namespace RaftKv.Core.Tests.Architecture;

/// <summary>The seam between service and consensus: nothing before it knows our engine, and each promise has its tests.</summary>
public sealed partial class EngineSeamTests
{
    private static readonly string[] BeforeTheSeam =
        ["src/RaftKv.Engine", "src/RaftKv/Service", "src/RaftKv/Doors", "src/RaftKv/Watch", "tests/RaftKv.Engine.Conformance"];

    [Fact]
    public void Nothing_before_the_seam_names_a_part_of_our_engine()
    {
        IReadOnlyList<string> files = SourceTree.Files(".cs", BeforeTheSeam);
        Assert.True(files.Count > 100, $"only {files.Count} files");
        Assert.Empty(files.SelectMany(path => OwnEngine().Matches(SourceTree.Read(path)).Select(match => $"{path}: {match.Value}")));
    }

    [Fact]
    public void A_file_that_names_one_is_found()
    {
        Assert.Single(OwnEngine().Matches("using RaftKv.Core.Replica.Proposals;"));
        Assert.Single(OwnEngine().Matches("private RaftKv.Core.Raft.Role _role;"));
        Assert.Empty(OwnEngine().Matches("using RaftKv.Core.Reads; using RaftKv.Core.Calls; using RaftKv.Core.Store.Leases;"));
    }

    [Fact]
    public void Every_promise_has_a_test_and_every_test_a_promise()
    {
        string promises = SourceTree.Read("src/RaftKv.Engine/PROMISES.md");
        IEnumerable<string> promised = Promise().Matches(promises).Select(match => match.Groups["id"].Value);
        IEnumerable<string> tested =
            from path in SourceTree.Files("Conformance.cs", "tests/RaftKv.Engine.Conformance")
            from Match test in Test().Matches(SourceTree.Read(path))
            from id in test.Groups["id"].Captures
            select id.Value;

        Assert.NotEmpty(promised);
        Assert.Equal(promised.Order(StringComparer.Ordinal), tested.Distinct().Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"RaftKv\.Core\.(Raft|Replica|Driver|Disk|Messages)\b")]
    private static partial Regex OwnEngine();

    [GeneratedRegex(@"^\| (?<id>P\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Promise();

    [GeneratedRegex(@"public async Task (?:(?<id>P\d+)_)+[a-z]")]
    private static partial Regex Test();
}
