using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using RaftKv.Core.Store.Rights;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Access;

/// <summary>
/// Hashes and checks passwords, which is slow on purpose: a few at a time, a bounded number waiting, on threads that give way
/// to those that serve calls. Who was wrong too often waits. Right ones are remembered by a keyed hash, so that a caller with
/// Basic pays once, and a thousand callers who show the same at once pay once together. Any thread.
/// </summary>
/// <param name="turns">How often a new password is turned.</param>
/// <param name="run">Where slow work is done; null for <see cref="PatientThread"/>.</param>
internal sealed class PasswordDesk(TimeProvider time, int turns, Func<IPatientWork, Task<byte[]>>? run = null)
{
    /// <summary>Passwords that are turned at once: half of the cores at most, so that the other half has nothing to give way to.</summary>
    public static readonly int MostAtOnce = Math.Max(1, Environment.ProcessorCount / 2);

    // Beyond it a caller is told to come back: each takes a tenth of a second of a core.
    internal const int MaxWaiting = 64;

    // One address leaves others room. A user has no bound of his own: whoever knows his name could shut him out by it.
    internal const int MaxWaitingOfOne = MaxWaiting / 2;

    // Wrong ones from one address in a minute.
    private const int MaxWrong = 20;
    private const int MaxAddresses = 4_096;
    private const int MaxKnown = 4_096;

    private readonly SemaphoreSlim _slots = new(MostAtOnce);
    private readonly Func<IPatientWork, Task<byte[]>> _run = run ?? (work => PatientThread.RunAsync(work, time));
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Wrong> _wrong = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task<bool>> _checking = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _waitingFrom = new(StringComparer.Ordinal);
    private int _waitingCount;

    /// <summary>True when this password of the user was found right before, and is still the one.</summary>
    public bool IsKnown(UserInfo user, string password) => _known.ContainsKey(KeyOf(user.CredentialRevision, user.Name, password));

    /// <summary>True when it is the user's password. Of nobody it never is, and takes as long.</summary>
    /// <param name="user">Who has the name; null when nobody has.</param>
    /// <exception cref="ApiException">Too many at a time, or wrong ones from there.</exception>
    public async ValueTask<bool> CheckAsync(ReadOnlyMemory<byte> name, UserInfo? user, string password, IPAddress? from)
    {
        string address = from?.ToString() ?? "";
        long minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        if (_wrong.TryGetValue(address, out Wrong wrong) && wrong.Minute == minute && wrong.Count >= MaxWrong)
        {
            throw new ApiException(AccessErrors.TooManyPasswords(60 - (time.GetUtcNow().ToUnixTimeSeconds() % 60)));
        }

        string key = KeyOf(user?.CredentialRevision ?? 0, name, password);
        bool isRight = await CheckOnceAsync(key, user?.PasswordHash.ToArray() ?? [], password, address);
        if (isRight)
        {
            Remember(key);
        }
        else
        {
            NoteWrong(address, minute);
        }

        return isRight;
    }

    /// <summary>Hashes a new password.</summary>
    public async ValueTask<byte[]> HashAsync(string password)
    {
        (PasswordWork work, byte[] salt) = PasswordHash.Begin(password, turns);
        return PasswordHash.RecordOf(salt, turns, await InTurnAsync(work));
    }

    // The same password of the same name that is being checked already is not checked beside that: all get its answer. So of
    // nobody's, or who asks many times at once would learn who is there.
    private async Task<bool> CheckOnceAsync(string key, byte[] record, string password, string address)
    {
        var mine = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> checking = _checking.GetOrAdd(key, mine.Task);
        if (checking != mine.Task)
        {
            return await checking;
        }

        try
        {
            bool isRight = await CheckInTurnAsync(record, password, address);
            mine.SetResult(isRight);
            return isRight;
        }
        catch (Exception failure)
        {
            mine.SetException(failure);

            // There may be nobody who waits for it.
            _ = mine.Task.Exception;
            throw;
        }
        finally
        {
            _checking.TryRemove(key, out _);
        }
    }

    private async Task<bool> CheckInTurnAsync(byte[] record, string password, string address)
    {
        int waitingFrom = _waitingFrom.AddOrUpdate(address, 1, static (_, count) => count + 1);
        try
        {
            if (waitingFrom > MaxWaitingOfOne)
            {
                throw new ApiException(AccessErrors.TooManyPasswords(seconds: 1));
            }

            (PasswordWork work, byte[]? expected) = PasswordHash.BeginCheck(password, record, turns);
            return PasswordHash.IsRight(await InTurnAsync(work), expected);
        }
        finally
        {
            _waitingFrom.AddOrUpdate(address, 0, static (_, count) => count - 1);
            _waitingFrom.TryRemove(KeyValuePair.Create(address, 0));
        }
    }

    private async Task<byte[]> InTurnAsync(PasswordWork work)
    {
        if (Interlocked.Increment(ref _waitingCount) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waitingCount);
            throw new ApiException(AccessErrors.TooManyPasswords(seconds: 1));
        }

        await _slots.WaitAsync();
        try
        {
            return await _run(work);
        }
        finally
        {
            work.Wipe();
            _slots.Release();
            Interlocked.Decrement(ref _waitingCount);
        }
    }

    private void Remember(string key)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        _known[key] = true;
    }

    private void NoteWrong(string address, long minute)
    {
        if (_wrong.Count >= MaxAddresses)
        {
            _wrong.Clear();
        }

        _wrong.AddOrUpdate(
            address, new Wrong(minute, 1), (_, old) => old.Minute == minute ? new Wrong(minute, old.Count + 1) : new Wrong(minute, 1));
    }

    private string KeyOf(long credentialRevision, ReadOnlyMemory<byte> name, string password)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{credentialRevision}\0{Encoding.UTF8.GetString(name.Span)}\0{password}");
        return Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));
    }

    private readonly record struct Wrong(long Minute, int Count);
}
