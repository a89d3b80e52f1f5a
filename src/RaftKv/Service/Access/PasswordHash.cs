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

    private const string Scheme = "pbkdf2-sha512";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    // What is checked is never dearer than this, whoever wrote the record.
    private const int MaxTurns = 10_000_000;

    /// <summary>Hashes a password under a new salt.</summary>
    public static byte[] Make(string password, int turns = DefaultTurns)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, turns, HashAlgorithmName.SHA512, HashBytes);
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{Scheme}${turns}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}"));
    }

    /// <summary>
    /// True when it is the password. Of a record that is none or empty it is never, and takes as long: who asks does not learn
    /// who is there.
    /// </summary>
    public static bool Verify(string password, ReadOnlySpan<byte> record, int turnsOfNone = DefaultTurns)
    {
        string[] parts = Encoding.ASCII.GetString(record).Split('$');
        bool isRecord = parts.Length == 4 && parts[0] == Scheme
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int turns) && turns is > 0 and <= MaxTurns;
        int spent = isRecord ? int.Parse(parts[1], CultureInfo.InvariantCulture) : turnsOfNone;
        byte[] salt = isRecord ? Convert.FromBase64String(parts[2]) : new byte[SaltBytes];
        byte[] expected = isRecord ? Convert.FromBase64String(parts[3]) : new byte[HashBytes];
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, spent, HashAlgorithmName.SHA512, HashBytes);
        return isRecord & CryptographicOperations.FixedTimeEquals(hash, expected);
    }
}
