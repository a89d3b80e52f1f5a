namespace RaftKv.Core.Store.Tree;

/// <summary>Arrays of the nodes of a <see cref="KeyTree"/>: as long as what is in them, and a little more where it grows.</summary>
internal static class NodeArrays
{
    /// <summary>For how many members more than it has a node that is copied or grows for another one finds room.</summary>
    public const int Room = 4;

    /// <summary>The first members in a new array of that length.</summary>
    public static T?[] Copied<T>(T?[] array, int count, int length)
        where T : class
    {
        T?[] copy = new T?[length];
        Array.Copy(array, copy, count);
        return copy;
    }

    /// <summary>The array, or its members in a longer one, with room for one more after the first so many.</summary>
    /// <param name="limit">The longest that there is.</param>
    public static T?[] WithRoom<T>(T?[] array, int count, int limit)
        where T : class
    {
        Check.That(count < limit, "a node that is full is split", count, limit);
        return count < array.Length ? array : Copied(array, count, Math.Min(count + Room, limit));
    }

    /// <summary>The array with these members and nulls, or a new one where it is too short. They may be its own first ones.</summary>
    public static T?[] Filled<T>(T?[] array, ReadOnlySpan<T?> members)
        where T : class
    {
        if (array.Length < members.Length)
        {
            return members.ToArray();
        }

        members.CopyTo(array);
        Array.Clear(array, members.Length, array.Length - members.Length);
        return array;
    }
}
