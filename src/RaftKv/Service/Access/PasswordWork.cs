using System.Security.Cryptography;
using System.Text;

namespace RaftKv.Service.Access;

/// <summary>The slow part of a password's hash: its bytes, a salt, and how often they are turned. Any thread.</summary>
internal sealed class PasswordWork(string password, byte[] salt, int turns) : IPatientWork
{
    private readonly byte[] _password = Encoding.UTF8.GetBytes(password);

    /// <inheritdoc/>
    public int ResultBytes => PasswordHash.HashBytes;

    /// <inheritdoc/>
    public void Run(Span<byte> result) => Rfc2898DeriveBytes.Pbkdf2(_password, salt, result, turns, HashAlgorithmName.SHA512);

    /// <summary>Clears its copy of the password; when the work is done.</summary>
    public void Wipe() => CryptographicOperations.ZeroMemory(_password);
}
