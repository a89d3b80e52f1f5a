using System.Text;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Grpc;

namespace RaftKv.Doors.Etcd.Access;

/// <summary>Names of users and roles at etcd's door. Stateless.</summary>
internal static class AuthNames
{
    /// <summary>The bytes of a name.</summary>
    /// <param name="ifNone">The error of an empty one; of one that can be nobody's, too.</param>
    public static byte[] Of(string name, Func<GrpcException> ifNone)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        return Principals.IsName(bytes) ? bytes : throw ifNone();
    }

    /// <summary>The text of a name.</summary>
    public static string TextOf(ReadOnlyMemory<byte> name) => Encoding.UTF8.GetString(name.Span);
}
