using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using RaftKv.Tests.Support;

namespace RaftKv.Integrations.Tests.Support;

/// <summary>The table of docs/dotnet/conformance.md, held against the tests that an assembly has.</summary>
internal static partial class ConformancePage
{
    private const string Page = "docs/dotnet/conformance.md";

    // What is no library's suite.
    private static readonly string[] Others = ["Aot", "Pages", "PublicApi", "Samples", "Support"];

    internal static IEnumerable<string> Problems(Assembly assembly) => Problems(assembly, File.ReadAllText(PageCode.PathOf(Page)));

    internal static IEnumerable<string> Problems(Assembly assembly, string page)
    {
        string root = assembly.GetName().Name + ".";
        Dictionary<string, Type[]> suites = assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && type.Namespace?.StartsWith(root, StringComparison.Ordinal) == true && CasesOf(type) > 0)
            .GroupBy(static type => type.Namespace!)
            .Where(suite => !Others.Contains(suite.Key[root.Length..]))
            .ToDictionary(static suite => suite.Key, static suite => suite.ToArray());
        Match[] rows = [.. Row().Matches(page).Where(row => Of(row, "suite").StartsWith(root, StringComparison.Ordinal))];
        foreach (string untold in suites.Keys.Except(rows.Select(static row => Of(row, "suite"))))
        {
            yield return $"{Page} has no row for {untold}.";
        }

        foreach (Match row in rows)
        {
            if (!suites.TryGetValue(Of(row, "suite"), out Type[]? types))
            {
                yield return $"There is no suite {Of(row, "suite")}.";
                continue;
            }

            foreach (string problem in ProblemsOf(row, types))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> ProblemsOf(Match row, Type[] types)
    {
        int cases = types.Sum(CasesOf);
        if (int.Parse(Of(row, "cases"), CultureInfo.InvariantCulture) != cases)
        {
            yield return $"{Of(row, "suite")} has {cases} cases, not {Of(row, "cases")}.";
        }

        foreach (Match killing in Killing().Matches(Of(row, "killed")))
        {
            if (!Array.Exists(types, type => type.Name == Of(killing, "class") && type.GetMethod(Of(killing, "test")) is not null))
            {
                yield return $"{Of(row, "suite")} has no test {killing.Value}.";
            }
        }

        string packages = File.ReadAllText(PageCode.PathOf("Directory.Packages.props"));
        foreach (Match library in Library().Matches(Of(row, "libraries")))
        {
            // What is in no package is of the framework.
            Match line = Regex.Match(packages, $"Include=\"{Regex.Escape(Of(library, "name"))}\" Version=\"(?<version>[^\"]+)\"");
            string version = line.Success ? Of(line, "version") : Environment.Version.Major.ToString(CultureInfo.InvariantCulture);
            if (Of(library, "version") != version)
            {
                yield return $"{Of(row, "suite")} is not run against {library.Value}.";
            }
        }
    }

    private static int CasesOf(Type type) => type.GetMethods().Sum(method => CasesOf(type, method));

    private static int CasesOf(Type type, MethodInfo method)
    {
        if (method.GetCustomAttribute<FactAttribute>() is not { } fact)
        {
            return 0;
        }

        // Of a member's data each is a case; the member is static, and of the test's class.
        int data = method.GetCustomAttributes<InlineDataAttribute>().Count()
            + method.GetCustomAttributes<MemberDataAttribute>().Sum(member =>
                ((IEnumerable<object[]>)type.GetProperty(member.MemberName)!.GetValue(null)!).Count());
        return fact is TheoryAttribute ? data : 1;
    }

    private static string Of(Match match, string group) => match.Groups[group].Value;

    [GeneratedRegex(
        @"^\| (?<libraries>[^|]+) \| [^|]+ \| `(?<suite>RaftKv\.[\w.]+)` \| (?<cases>\d+) \| (?<killed>[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<class>\w+)\.(?<test>\w+)`")]
    private static partial Regex Killing();

    [GeneratedRegex(@"(?<name>[A-Z][\w.]+) (?<version>\d[\d.]*)")]
    private static partial Regex Library();
}
