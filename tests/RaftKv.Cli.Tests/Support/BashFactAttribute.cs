namespace RaftKv.Cli.Tests.Support;

/// <summary>A test that needs bash.</summary>
internal sealed class BashFactAttribute : FactAttribute
{
    public const string Program = "/bin/bash";

    public BashFactAttribute() => Skip = File.Exists(Program) ? null : $"There is no {Program} here.";
}
