using RaftKv.Tests.GeneratedClients;
using RaftKv.Tests.Support;

namespace RaftKv.Deploy.Tests.Monitoring;

/// <summary>The alert rules, asked of Prometheus' own tool: each fires when it should, and not before.</summary>
public sealed class AlertRuleTests
{
    private static readonly string Folder = Path.Combine(Command.Root, "deploy", "prometheus");

    [CommandFact("promtool")]
    public async Task Rules_are_right_and_fire_as_their_tests_say()
    {
        (int checkedCode, string said) = await Command.RunAsync(Folder, "promtool", "check", "rules", "raftkv.rules.yml");
        (int code, string output) = await Command.RunAsync(Folder, "promtool", "test", "rules", "raftkv.rules.test.yml");

        Assert.True(checkedCode == 0, said);
        Assert.True(code == 0, output);
    }

    [CommandFact("promtool")]
    public async Task A_rule_that_never_fires_is_noticed()
    {
        string scratch = Directory.CreateTempSubdirectory("raftkv-rules-").FullName;
        try
        {
            string rules = File.ReadAllText(Path.Combine(Folder, "raftkv.rules.yml"));
            string broken = rules.Replace("raftkv_", "nobody_", StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(scratch, "raftkv.rules.yml"), broken);
            File.Copy(Path.Combine(Folder, "raftkv.rules.test.yml"), Path.Combine(scratch, "raftkv.rules.test.yml"));

            (int code, _) = await Command.RunAsync(scratch, "promtool", "test", "rules", "raftkv.rules.test.yml");

            Assert.NotEqual(0, code);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
