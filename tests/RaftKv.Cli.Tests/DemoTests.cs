using RaftKv.Cli.Demos;
using RaftKv.Cli.Output;
using RaftKv.Cli.Tests.Support;
using RaftKv.Contract;

namespace RaftKv.Cli.Tests;

/// <summary>Every demo, on three real nodes, goes as it says.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task All_demos_go_as_they_must()
    {
        var output = new StringWriter();
        int exit = await DemoVerb.PlayAsync(new CliConsole(output, new StringWriter(), TextReader.Null), Demo.All, CancellationToken.None);
        Assert.True(exit == 0, output.ToString());
        foreach (Demo demo in Demo.All)
        {
            string part = Part(output.ToString(), demo.Name);
            Assert.Contains("WRONG", part, StringComparison.Ordinal);
            Assert.Contains("RIGHT", part, StringComparison.Ordinal);
            Assert.Contains("$ curl ", part, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void There_is_a_demo_of_each_level() =>
        Assert.Empty(ReadLevelNames.Every.Except(Demo.All.Select(static demo => demo.Name)));

    [Fact]
    public async Task A_demo_that_does_not_go_as_it_must_is_told_and_fails()
    {
        var output = new StringWriter();
        var broken = new Demo("broken", "what must not be", static _ =>
        {
            DemoStage.Expect(false, "This is not so.");
            return Task.CompletedTask;
        });
        int exit = await DemoVerb.PlayAsync(new CliConsole(output, new StringWriter(), TextReader.Null), [broken], CancellationToken.None);
        Assert.Equal(1, exit);
        Assert.Contains("FAILED This is not so.", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_names_them_all()
    {
        Ctl list = await Ctl.RunAsync("demo", "list", "-o", "value");
        Assert.Equal(Demo.All.Select(static demo => demo.Name), list.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Part(string text, string name)
    {
        int from = text.StartsWith(name + ": ") ? 0 : text.IndexOf("\n" + name + ": ", StringComparison.Ordinal) + 1;
        int to = text.IndexOf("\n\n", from, StringComparison.Ordinal);
        return text[from..(to < 0 ? text.Length : to)];
    }
}
