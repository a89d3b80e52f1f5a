using System.Text.Json;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Gates;
using RaftKv.Hosting;
using RaftKv.Storage;
using RaftKv.Transport;

namespace RaftKv.Cli;

/// <summary>
/// <c>raftkv upgrade check</c>: asks every member what it runs and how it is, and says what an upgrade to this program would
/// bring, and what stands in its way. Changes nothing.
/// </summary>
internal static class UpgradeCommand
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>0 when nothing is in the way, 1 when something is, 2 when it was not understood.</summary>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        CommandLine? line = CommandLine.Parse(arguments, ["endpoint", .. CallerFlags.Names], [], out string problem);
        ServerUrl? url = line is null ? null
            : ServerUrl.Parse(line.Value("endpoint") ?? "http://127.0.0.1:2379", "--endpoint", out problem);
        if (line is not { Words: ["check"] } || url is null)
        {
            error.WriteLine($"raftkv: {(problem.Length > 0 ? problem : "upgrade knows \"check\"; see raftkv upgrade --help.")}");
            return ExitCode.Configuration;
        }

        int result = ExitCode.Ok;
        int code = await OfflineCommand.GuardAsync(error, async () =>
        {
            using HttpClient http = CallerFlags.Open(line, _patience);
            ClusterAnswer cluster = await ClusterAsync(http, url).ConfigureAwait(false);
            AskedMember[] members = await Task.WhenAll(
                cluster.Members.Where(static member => member.Role != Contract.NodeRoles.Pending)
                    .Select(member => AskAsync(http, member, url))).ConfigureAwait(false);
            var report = new UpgradeReport(GateTable.ThisBuild, PeerHandshake.SoftwareVersion, cluster, members);
            Print(output, report, members);
            result = report.Blockers.Count == 0 ? ExitCode.Ok : ExitCode.Failure;
        }).ConfigureAwait(false);
        return code == ExitCode.Ok ? result : code;
    }

    private static async Task<ClusterAnswer> ClusterAsync(HttpClient http, ServerUrl url)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync($"{url}/api/v1/cluster").ConfigureAwait(false);
            byte[] body = await answer.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
            return answer.IsSuccessStatusCode
                ? JsonSerializer.Deserialize(body, AnswerJson.Default.ClusterAnswer)!
                : throw new DataDirectoryException($"{url} answered {(int)answer.StatusCode}, and does not say who its members are.");
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or JsonException)
        {
            throw new DataDirectoryException($"{url} does not answer: {failure.Message}", failure);
        }
    }

    private static async Task<AskedMember> AskAsync(HttpClient http, MemberBody member, ServerUrl url)
    {
        string? at = member.Self ? url.ToString() : member.ClientUrl;
        if (string.IsNullOrEmpty(at))
        {
            return new AskedMember(member, null, "its client address is not known here.");
        }

        try
        {
            using HttpResponseMessage answer = await http.GetAsync($"{at.TrimEnd('/')}/api/v1/status").ConfigureAwait(false);
            byte[] body = await answer.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
            return answer.IsSuccessStatusCode
                ? new AskedMember(member, JsonSerializer.Deserialize(body, AnswerJson.Default.StatusAnswer), null)
                : new AskedMember(member, null, $"{at} answered {(int)answer.StatusCode}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or JsonException)
        {
            return new AskedMember(member, null, $"{at}: {failure.Message}");
        }
    }

    private static void Print(TextWriter output, UpgradeReport report, IReadOnlyList<AskedMember> members)
    {
        output.WriteLine($"{"NAME",-12} {"VERSION",-16} {"SUPPORTS",-9} {"ENGINE",-8} {"ROLE",-13} STATE");
        foreach (AskedMember asked in members)
        {
            StatusAnswer? status = asked.Status;
            output.WriteLine(
                $"{asked.Member.Name,-12} {status?.Version ?? "-",-16} {status?.SupportedVersion.ToString(Invariant) ?? "-",-9} "
                + $"{status?.Engine ?? "-",-8} {asked.Member.Role,-13} {status?.Phase ?? "does not answer"}");
        }

        output.WriteLine();
        RestoreCommand.Line(output, "cluster", $"at version {report.ClusterVersion}");
        RestoreCommand.Line(
            output, "program", $"raftkv {PeerHandshake.SoftwareVersion}, which supports up to {GateTable.ThisBuild.Newest}");
        RestoreCommand.Line(
            output, "raises",
            report.NewGates.Count == 0 ? "nothing: what this program knows is in force already"
                : $"to version {report.Raised}, once every member runs it; no way back then");
        foreach (GateInfo gate in report.NewGates)
        {
            output.WriteLine($"  {gate.Since}  {gate.Name}: {gate.Meaning}");
        }

        foreach (string hint in report.Hints)
        {
            RestoreCommand.Line(output, "note", hint);
        }

        foreach (string blocker in report.Blockers)
        {
            RestoreCommand.Line(output, "blocked", blocker);
        }

        output.WriteLine(report.Blockers.Count == 0
            ? "Nothing is in the way. One node after the other: stop it (SIGTERM), start it with the new program, wait until it is ready."
            : "Not now.");
    }

    private static System.Globalization.CultureInfo Invariant => System.Globalization.CultureInfo.InvariantCulture;
}
