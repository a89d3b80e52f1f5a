using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RaftKv.Core.Tests.Architecture;

/// <summary>
/// Dependencies point one way: the client and the black-box suite know the public API only, as an outsider does.
/// </summary>
public sealed partial class ProjectReferenceTests
{
    private static readonly string[] InnerProjects =
    [
        "RaftKv", "RaftKv.Core", "RaftKv.Engine", "RaftKv.Engine.DotNext", "RaftKv.Migration", "RaftKv.Protocol",
    ];

    [Theory]
    [InlineData("src/RaftKv.Client/RaftKv.Client.csproj")]
    [InlineData("src/RaftKv.Client.AspNetCore/RaftKv.Client.AspNetCore.csproj")]
    [InlineData("src/RaftKv.Client.Testing/RaftKv.Client.Testing.csproj")]
    [InlineData("src/RaftKv.Cli/RaftKv.Cli.csproj")]
    [InlineData("src/RaftKv.Dashboard/RaftKv.Dashboard.csproj")]
    [InlineData("tests/Jepsen-style/RaftKv.JepsenStyle.csproj")]
    [InlineData("tests/Scenarios/RaftKv.Scenarios.csproj")]
    public void An_outsider_refers_to_no_project_of_the_server(string path) =>
        Assert.Empty(InnerReferences(path, SourceTree.Read(path)));

    [Theory]
    [InlineData("src/RaftKv.Client/")]
    [InlineData("src/RaftKv.Client.AspNetCore/")]
    [InlineData("src/RaftKv.Client.Testing/")]
    [InlineData("src/RaftKv.Cli/")]
    [InlineData("src/RaftKv.Dashboard/")]
    [InlineData("tests/Jepsen-style/")]
    [InlineData("tests/Scenarios/")]
    public void An_outsider_names_no_type_of_the_server(string folder) =>
        Assert.Empty(SourceTree.CSharpFiles
            .Where(path => path.StartsWith(folder, StringComparison.Ordinal))
            .SelectMany(path => InnerNames(path, SourceTree.Read(path))));

    [Fact]
    public void An_integration_is_an_outsider_too()
    {
        const string Folder = "src/Integrations/";
        Assert.Empty(SourceTree.ProjectFiles
            .Where(static path => path.StartsWith(Folder, StringComparison.Ordinal))
            .SelectMany(path => InnerReferences(path, SourceTree.Read(path))));
        Assert.Empty(SourceTree.CSharpFiles
            .Where(static path => path.StartsWith(Folder, StringComparison.Ordinal))
            .SelectMany(path => InnerNames(path, SourceTree.Read(path))));
    }

    [Fact]
    public void The_contract_refers_to_no_project_and_to_no_package()
    {
        XDocument project = XDocument.Parse(SourceTree.Read("src/RaftKv.Contract/RaftKv.Contract.csproj"));
        Assert.Empty(project.Descendants("ProjectReference").Concat(project.Descendants("PackageReference")));
    }

    [Fact]
    public void The_core_refers_to_no_project_and_to_no_package_at_run_time()
    {
        const string Path = "src/RaftKv.Core/RaftKv.Core.csproj";
        Assert.Empty(InnerReferences(Path, SourceTree.Read(Path)));
        Assert.Empty(RunTimePackages(SourceTree.Read(Path)));
    }

    [Fact]
    public void A_project_that_refers_inwards_is_rejected()
    {
        const string Bad = """<Project><ItemGroup><ProjectReference Include="..\RaftKv.Core\RaftKv.Core.csproj" /></ItemGroup></Project>""";
        const string BuildOrderOnly = """
            <Project><ItemGroup>
              <ProjectReference Include="../../src/RaftKv/RaftKv.csproj" ReferenceOutputAssembly="false" />
            </ItemGroup></Project>
            """;
        const string Package = """<Project><ItemGroup><PackageReference Include="Polly.Core" /></ItemGroup></Project>""";

        Assert.Single(InnerReferences("src/X/X.csproj", Bad));
        Assert.Empty(InnerReferences("tests/X/X.csproj", BuildOrderOnly));
        Assert.Single(RunTimePackages(Package));
    }

    [Fact]
    public void A_file_that_names_an_inner_type_is_rejected()
    {
        Assert.Single(InnerNames("A.cs", "using RaftKv.Core.Raft;\n"));
        Assert.Single(InnerNames("A.cs", "var x = RaftKv.Core.LogIndex.Zero;\n"));
        Assert.Empty(InnerNames("A.cs", "// RaftKv.Core is not used\nusing RaftKv.Client;\n"));
    }

    private static IEnumerable<string> InnerReferences(string path, string project) =>
        from reference in XDocument.Parse(project).Descendants("ProjectReference")
        let target = reference.Attribute("Include")!.Value.Replace('\\', '/')
        let name = System.IO.Path.GetFileNameWithoutExtension(target)
        let isLinked = reference.Attribute("ReferenceOutputAssembly")?.Value != "false"
        where isLinked && InnerProjects.Contains(name)
        select $"{path} refers to {name}";

    private static IEnumerable<string> RunTimePackages(string project) =>
        from package in XDocument.Parse(project).Descendants("PackageReference")
        where package.Attribute("PrivateAssets")?.Value != "all"
        select package.Attribute("Include")!.Value;

    private static IEnumerable<string> InnerNames(string path, string source) =>
        InnerName().Matches(CodeText.Of(source)).Select(match => $"{path}: {match.Value}");

    [GeneratedRegex(@"\bRaftKv\.(?:Core|Migration|Protocol|Node|Hosting|Storage|Transport|Service|Doors|Watch|Diagnostics)\b")]
    private static partial Regex InnerName();
}
