using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Hosting;
using RaftKv.Security.Tls;

namespace RaftKv.Cli;

/// <summary>
/// <c>raftkv member</c>: the members of a running cluster, over its own API. A change is followed until it is done, with a
/// line whenever it has moved; what goes on goes on without this program.
/// </summary>
internal sealed class MemberCommand : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http;
    private readonly CommandLine _line;
    private readonly TextWriter _out;
    private readonly TextWriter _error;
    private readonly List<string> _endpoints;

    private MemberCommand(CommandLine line, string endpoint, TextWriter output, TextWriter error)
    {
        _http = CallerFlags.Open(line, _patience);
        _line = line;
        _out = output;
        _error = error;
        _endpoints = [endpoint];
    }

    /// <summary>Runs it; 0 when it is so in the end, 1 when it is not, 2 when it was not understood.</summary>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        CommandLine? line = CommandLine.Parse(
            arguments, ["endpoint", "peer", "with", "name", "zone", "priority", "timeout", .. CallerFlags.Names],
            ["learner", "no-wait"], out string problem);
        ServerUrl? url = line is null ? null
            : ServerUrl.Parse(line.Value("endpoint") ?? "http://127.0.0.1:2379", "--endpoint", out problem);
        if (line is null || url is null)
        {
            error.WriteLine($"raftkv: {problem}");
            return ExitCode.Configuration;
        }

        try
        {
            using var command = new MemberCommand(line, url.ToString(), output, error);
            return await command.RunAsync().ConfigureAwait(false);
        }
        catch (Exception unusable) when (unusable is TlsFilesException or ArgumentException or IOException)
        {
            error.WriteLine($"raftkv: {unusable.Message}");
            return ExitCode.Configuration;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or JsonException)
        {
            error.WriteLine($"raftkv: {url} does not answer: {failure.Message}");
            return ExitCode.Failure;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<int> RunAsync()
    {
        string? peer = _line.Value("peer");
        switch (_line.Words)
        {
            case ["list"]:
                return await ListAsync().ConfigureAwait(false);
            case ["add", var name]:
                var added = new MemberAddBody { Name = name, PeerUrl = peer, Learner = _line.Switches.Contains("learner") };
                return await DoAsync(HttpMethod.Post, "", added).ConfigureAwait(false);
            case ["remove", var name]:
                return await DoAsync<MemberPatchBody>(HttpMethod.Delete, "/" + name, null).ConfigureAwait(false);
            case ["promote" or "demote", var name]:
                return await DoAsync<MemberPatchBody>(HttpMethod.Post, $"/{name}/{_line.Words[0]}", null).ConfigureAwait(false);
            case ["replace", var name]:
                var successor = new MemberReplaceBody { Name = _line.Value("with"), PeerUrl = peer };
                return await DoAsync(HttpMethod.Post, $"/{name}/replace", successor).ConfigureAwait(false);
            case ["update", var name]:
                return await UpdateAsync(name, peer).ConfigureAwait(false);
            default:
                _error.WriteLine(
                    "raftkv: member takes list; add NAME --peer URL [--learner]; remove, promote or demote NAME; replace NAME [--with NAME"
                    + " --peer URL]; update NAME [--name NAME] [--peer URL] [--zone ZONE] [--priority N].");
                return ExitCode.Configuration;
        }
    }

    private async Task<int> UpdateAsync(string name, string? peer)
    {
        int priority = 0;
        if (_line.Value("priority") is { } text && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out priority))
        {
            _error.WriteLine("raftkv: --priority is a number, 0 to 100.");
            return ExitCode.Configuration;
        }

        var edit = new MemberPatchBody
        {
            Name = _line.Value("name"),
            PeerUrl = peer,
            Zone = _line.Value("zone"),
            Priority = _line.Value("priority") is null ? null : priority,
        };
        return await DoAsync(HttpMethod.Patch, "/" + name, edit).ConfigureAwait(false);
    }

    private async Task<int> ListAsync()
    {
        ClusterAnswer cluster = await ClusterAsync().ConfigureAwait(false);
        _out.WriteLine($"{"NAME",-12} {"ID",-16} {"ROLE",-13} {"VOTE",-5} {"PEER",-28} {"CLIENT",-28} NOTE");
        foreach (MemberBody member in cluster.Members)
        {
            _out.WriteLine(
                $"{member.Name,-12} {member.Id,-16} {member.Role,-13} {(member.Voter ? "yes" : "no"),-5} {member.PeerUrl,-28} "
                + $"{member.ClientUrl ?? "-",-28} {NoteOn(member)}".TrimEnd());
        }

        return ExitCode.Ok;
    }

    private static string NoteOn(MemberBody member) => string.Join(", ", ((string[])
    [
        StateOf(member),
        member.Zone is null ? "" : $"zone {member.Zone}",
        member.Priority is null ? "" : $"priority {member.Priority}",
    ]).Where(static note => note.Length > 0));

    private static string StateOf(MemberBody member) =>
        member.Role == NodeRoles.Pending ? "waits for its node to be started with --join"
        : member.Leaving ? "leaves"
        : member.Unreachable == true ? $"unreachable for {member.LastSeenMs / 1000} s"
        : member.Joining ? "becomes a voter when it has caught up"
        : "";

    private async Task<int> DoAsync<T>(HttpMethod method, string path, T? body)
        where T : class
    {
        // Where else to ask, should the node that is asked be the one that goes.
        ClusterAnswer cluster = await ClusterAsync().ConfigureAwait(false);
        _endpoints.AddRange(cluster.Members.Where(static member => !member.Self && !string.IsNullOrEmpty(member.ClientUrl))
            .Select(static member => member.ClientUrl!));
        using var request = new HttpRequestMessage(method, _endpoints[0] + "/api/v1/cluster/members" + path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, RequestJson.Default.GetTypeInfo(typeof(T))!);
        }

        using HttpResponseMessage answer = await _http.SendAsync(request).ConfigureAwait(false);
        byte[] bytes = await answer.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            ProblemBody? problem = TryRead(bytes);
            string code = problem?.Code ?? $"status {(int)answer.StatusCode}";
            _error.WriteLine($"raftkv: {problem?.Detail ?? Encoding.UTF8.GetString(bytes)} ({code})");
            return ExitCode.Failure;
        }

        OperationAnswer begun = JsonSerializer.Deserialize(bytes, AnswerJson.Default.OperationAnswer)!;
        if (begun.Progress?.Phase == MemberPhases.Waiting && begun.Member is { } place)
        {
            _out.WriteLine(
                $"Now start its node: raftkv serve --name {place.Name} --join {_endpoints[0]} --peer {place.PeerUrl} --client URL"
                + " --data-dir an empty directory.");
        }

        return _line.Switches.Contains("no-wait") ? ExitCode.Ok : await FollowAsync(begun).ConfigureAwait(false);
    }

    private async Task<int> FollowAsync(OperationAnswer operation)
    {
        if (!Durations.TryParse(_line.Value("timeout") ?? "10m", out TimeSpan patience))
        {
            _error.WriteLine("raftkv: --timeout is a time, such as 90s or 10m.");
            return ExitCode.Configuration;
        }

        string? told = null;
        DateTimeOffset end = TimeProvider.System.GetUtcNow() + patience;
        while (true)
        {
            string line = LineOf(operation);
            if (line != told)
            {
                _out.WriteLine(line);
                told = line;
            }

            if (operation.State != OperationStates.Pending)
            {
                return operation.State == OperationStates.Applied ? ExitCode.Ok : ExitCode.Failure;
            }

            if (TimeProvider.System.GetUtcNow() > end)
            {
                _error.WriteLine("raftkv: not done in time; it goes on by itself. Look again with raftkv member list.");
                return ExitCode.Failure;
            }

            await Task.Delay(_pause).ConfigureAwait(false);
            operation = await LookAsync(operation).ConfigureAwait(false);
        }
    }

    // What is known stays where nobody answers now.
    private async Task<OperationAnswer> LookAsync(OperationAnswer operation)
    {
        foreach (string endpoint in _endpoints.ToArray())
        {
            try
            {
                var url = new Uri($"{endpoint}/api/v1/operations/{operation.Id}");
                using HttpResponseMessage answer = await _http.GetAsync(url).ConfigureAwait(false);
                if (answer.IsSuccessStatusCode)
                {
                    byte[] bytes = await answer.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
                    return JsonSerializer.Deserialize(bytes, AnswerJson.Default.OperationAnswer)!;
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                // The next one may know.
            }

            _endpoints.Remove(endpoint);
            _endpoints.Add(endpoint);
        }

        return operation;
    }

    private static string LineOf(OperationAnswer operation)
    {
        string name = operation.Member is { Name.Length: > 0 } member ? member.Name : operation.Id;
        MemberProgressBody? progress = operation.Progress;
        return progress?.Phase switch
        {
            MemberPhases.Waiting => $"{name}: waiting for its node",
            MemberPhases.CatchingUp => $"{name}: catching up{BarOf(progress)}",
            MemberPhases.Changing => $"{name}: the voters change",
            MemberPhases.Leaving => $"{name}: closes its doors",
            MemberPhases.Done => $"{name}: done",
            _ => $"{name}: {operation.Detail ?? operation.State}",
        };
    }

    private static string BarOf(MemberProgressBody progress) => progress.Percent is { } percent
        ? $" [{new string('#', percent / 5).PadRight(20, '.')}] {percent} %"
            + (progress.SnapshotBytes is { } all
                ? $", snapshot {ByteSize.Text(progress.SnapshotSentBytes ?? 0)} of {ByteSize.Text(all)}" : "")
            + (progress.State is null ? "" : $", {progress.State}")
        : "";

    private async Task<ClusterAnswer> ClusterAsync()
    {
        byte[] answer = await _http.GetByteArrayAsync(_endpoints[0] + "/api/v1/cluster").ConfigureAwait(false);
        return JsonSerializer.Deserialize(answer, AnswerJson.Default.ClusterAnswer)!;
    }

    private static ProblemBody? TryRead(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, AnswerJson.Default.ProblemBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
