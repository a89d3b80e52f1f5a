using System.Net;
using RaftKv.Core.Store.Rights;
using RaftKv.Service.Access;
using RaftKv.Service.Refusals;
using RaftKv.Tests.Support;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Access;

/// <summary>How many passwords are turned at once, and for whom.</summary>
public sealed class PasswordDeskTests
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PasswordDesk _desk;
    private int _running;
    private int _mostRunning;
    private int _turned;

    public PasswordDeskTests() => _desk = new PasswordDesk(TimeProvider.System, turns: 1, TurnAsync);

    [Fact]
    public async Task As_many_as_half_of_the_cores_turn_passwords_at_once_and_one_at_least()
    {
        Assert.Equal(Math.Max(1, Environment.ProcessorCount / 2), PasswordDesk.MostAtOnce);
        Task<bool>[] checks = [.. Enumerable.Range(0, 3 * PasswordDesk.MostAtOnce).Select(i => CheckAsync("ann", "wrong " + i, i))];
        Task<byte[]> made = _desk.HashAsync("new").AsTask();
        Assert.Equal(PasswordDesk.MostAtOnce, Volatile.Read(ref _running));
        _open.SetResult();
        Assert.All(await Task.WhenAll(checks), Assert.False);
        Assert.NotEmpty(await made);
        Assert.Equal((checks.Length + 1, PasswordDesk.MostAtOnce), (_turned, _mostRunning));
    }

    [Theory]
    [InlineData("ann", true)]
    [InlineData("nobody", false)]
    public async Task Who_show_the_same_at_once_pay_once_together_and_whether_somebody_has_the_name_does_not_show(string name, bool isRight)
    {
        Task<bool>[] checks = [.. Enumerable.Range(0, 200).Select(i => CheckAsync(name, "ann-password", i))];
        _open.SetResult();
        Assert.All(await Task.WhenAll(checks), answer => Assert.Equal(isRight, answer));
        Assert.Equal(1, _turned);

        // What is over answers nobody: the next one is checked anew.
        Assert.Equal(isRight, await CheckAsync(name, "ann-password", 0));
        Assert.Equal(2, _turned);
    }

    [Fact]
    public async Task One_address_leaves_others_room()
    {
        Task<bool>[] checks = [.. Enumerable.Range(0, PasswordDesk.MaxWaitingOfOne).Select(i => CheckAsync("ann", "wrong " + i, from: 1))];

        // Refused at once, before anything is waited for.
        Assert.IsType<ApiException>(CheckAsync("ann", "one more", from: 1).Exception?.InnerException);
        Task<bool> other = CheckAsync("ann", "ann-password", from: 2);
        int left = PasswordDesk.MaxWaiting - checks.Length - 1;
        Task<bool>[] more = [.. Enumerable.Range(0, left).Select(i => CheckAsync("ann", "x" + i, 3 + i))];
        Assert.IsType<ApiException>(CheckAsync("ann", "one more", from: 4).Exception?.InnerException);
        _open.SetResult();
        Assert.All(await Task.WhenAll([.. checks, .. more]), Assert.False);
        Assert.True(await other);

        // All places are free again.
        Assert.True(await CheckAsync("ann", "ann-password", from: 2));
    }

    private Task<bool> CheckAsync(string name, string password, int from) => _desk.CheckAsync(
        Bytes(name),
        name == "ann" ? new UserInfo(Bytes(name), 1, PasswordHash.Make("ann-password", 1), []) : null,
        password,
        new IPAddress(from)).AsTask();

    private async Task<byte[]> TurnAsync(IPatientWork work)
    {
        int running = Interlocked.Increment(ref _running);
        _mostRunning = Math.Max(_mostRunning, running);
        Interlocked.Increment(ref _turned);
        await _open.Task;
        byte[] result = new byte[work.ResultBytes];
        work.Run(result);
        Interlocked.Decrement(ref _running);
        return result;
    }
}
