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
/// Basic pays once. Any thread.
/// </summary>
internal sealed class PasswordDesk(TimeProvider time, int turns)
{
    // Beyond it a caller is told to come back: each takes a tenth of a second of a core.
    private const int MaxWaiting = 64;

    // Wrong ones from one address in a minute.
    private const int MaxWrong = 20;
    private const int MaxAddresses = 4_096;
    private const int MaxKnown = 4_096;

    private readonly SemaphoreSlim _slots = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Wrong> _wrong = new(StringComparer.Ordinal);
    private int _waitingCount;

    /// <summary>True when this password of the user was found right before, and is still the one.</summary>
    public bool IsKnown(UserInfo user, string password) => _known.ContainsKey(KeyOf(user, password));

    /// <summary>True when it is the user's password. Of nobody it never is, and takes as long.</summary>
    /// <exception cref="ApiException">Too many at a time, or wrong ones from there.</exception>
    public async ValueTask<bool> CheckAsync(UserInfo? user, string password, IPAddress? from)
    {
        string address = from?.ToString() ?? "";
        long minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        if (_wrong.TryGetValue(address, out Wrong wrong) && wrong.Minute == minute && wrong.Count >= MaxWrong)
        {
            throw new ApiException(AccessErrors.TooManyPasswords(60 - (time.GetUtcNow().ToUnixTimeSeconds() % 60)));
        }

        byte[] record = user?.PasswordHash.ToArray() ?? [];
        bool isRight = await InTurnAsync(() => PasswordHash.Verify(password, record, turns));
        if (isRight)
        {
            Remember(user!, password);
        }
        else
        {
            NoteWrong(address, minute);
        }

        return isRight;
    }

    /// <summary>Hashes a new password.</summary>
    public ValueTask<byte[]> HashAsync(string password) => InTurnAsync(() => PasswordHash.Make(password, turns));

    private async ValueTask<T> InTurnAsync<T>(Func<T> work)
    {
        if (Interlocked.Increment(ref _waitingCount) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waitingCount);
            throw new ApiException(AccessErrors.TooManyPasswords(seconds: 1));
        }

        await _slots.WaitAsync();
        try
        {
            return await PatientThread.RunAsync(work);
        }
        finally
        {
            _slots.Release();
            Interlocked.Decrement(ref _waitingCount);
        }
    }

    private void Remember(UserInfo user, string password)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        _known[KeyOf(user, password)] = true;
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

    private string KeyOf(UserInfo user, string password)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{user.CredentialRevision}\0{Encoding.UTF8.GetString(user.Name.Span)}\0{password}");
        return Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));
    }

    private readonly record struct Wrong(long Minute, int Count);
}
