using System.Text;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Access;

/// <summary>What a new password has to be. Stateless.</summary>
internal static class NewPassword
{
    /// <summary>The password; throws when it is none (CVE-2020-15115: one character was enough there, here it is eight).</summary>
    /// <param name="minBytes">Fewer for etcd's clients, which know no such rule.</param>
    public static string Checked(string? password, int minBytes) =>
        password is not null && Encoding.UTF8.GetByteCount(password) is int length && length >= minBytes
            && length <= PasswordHash.MaxPasswordBytes
            ? password
            : throw ApiException.Invalid($"A password has {minBytes} to {PasswordHash.MaxPasswordBytes} bytes.");
}
