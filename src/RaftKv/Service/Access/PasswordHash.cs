using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RaftKv.Service.Access;

/// <summary>
/// What is kept of a password: PBKDF2 with SHA-512, a random salt, and how often it was turned, as
/// <c>pbkdf2-sha512$210000$SALT$HASH</c>. Made and checked at doors, on threads that nobody else waits for; the log has the
/// outcome only.
/// </summary>
internal static class PasswordHash
{
    /// <summary>Turns of a new hash: OWASP's figure for SHA-512.</summary>
    public const int DefaultTurns = 210_000;

    /// <summary>Longest password.</summary>
    public const int MaxPasswordBytes = 1_024;

    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = 32;

    private const string Scheme = "pbkdf2-sha512";
    private const int SaltBytes = 16;

    // What is checked is never dearer than this, whoever wrote the record.
    private const int MaxTurns = 10_000_000;

    /// <summary>Hashes a password under a new salt.</summary>
    public static byte[] Make(string password, int turns = DefaultTurns)
    {
        (PasswordWork work, byte[] salt) = Begin(password, turns);
        byte[] hash = new byte[HashBytes];
        work.Run(hash);
        return RecordOf(salt, turns, hash);
    }

    /// <summary>The work of a new hash, and its salt.</summary>
    public static (PasswordWork Work, byte[] Salt) Begin(string password, int turns)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return (new PasswordWork(password, salt, turns), salt);
    }

    /// <summary>What is kept of a new hash.</summary>
    public static byte[] RecordOf(byte[] salt, int turns, byte[] hash) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{Scheme}${turns}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}"));

    /// <summary>
    /// The work of a check, and what it has to end with; null when there is nothing that would be right. Then it takes as long: who
    /// asks does not learn who is there.
    /// </summary>
    public static (PasswordWork Work, byte[]? Expected) BeginCheck(string password, ReadOnlySpan<byte> record, int turnsOfNone)
    {
        string[] parts = Encoding.ASCII.GetString(record).Split('$');
        bool isRecord = parts.Length == 4 && parts[0] == Scheme
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int turns) && turns is > 0 and <= MaxTurns;
        return isRecord
            ? (new PasswordWork(password, Convert.FromBase64String(parts[2]), int.Parse(parts[1], CultureInfo.InvariantCulture)),
                Convert.FromBase64String(parts[3]))
            : (new PasswordWork(password, new byte[SaltBytes], turnsOfNone), null);
    }

    /// <summary>
    /// True when it is the password. Of a record that is none or empty it is never, and takes as long.
    /// </summary>
    public static bool Verify(string password, ReadOnlySpan<byte> record, int turnsOfNone = DefaultTurns)
    {
        (PasswordWork work, byte[]? expected) = BeginCheck(password, record, turnsOfNone);
        byte[] hash = new byte[HashBytes];
        work.Run(hash);
        return IsRight(hash, expected);
    }

    /// <summary>True when a check ended with what was expected.</summary>
    public static bool IsRight(byte[] hash, byte[]? expected) =>
        CryptographicOperations.FixedTimeEquals(hash, expected ?? new byte[HashBytes]) & expected is not null;
}
