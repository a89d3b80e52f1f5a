using System.Text;

namespace RaftKv.ClientGenerator;

/// <summary>Names of the document in the habits of other languages.</summary>
internal static class Names
{
    /// <summary>The words of a name, in small letters: createRevision, If-Match, app_name. A name of a header keeps RaftKv whole.</summary>
    public static string[] Words(string name)
    {
        List<string> words = [];
        foreach (string part in name.Replace("RaftKv", "Raftkv", StringComparison.Ordinal).Split('-', '_', '.', '/'))
        {
            var word = new StringBuilder();
            foreach (char letter in part)
            {
                if (char.IsUpper(letter) && word.Length > 0)
                {
                    words.Add(word.ToString());
                    word.Clear();
                }

                word.Append(char.ToLowerInvariant(letter));
            }

            words.Add(word.ToString());
        }

        return [.. words.Where(static word => word.Length > 0)];
    }

    /// <summary>create_revision.</summary>
    public static string Snake(IEnumerable<string> words) => string.Join('_', words);

    /// <summary>createRevision.</summary>
    public static string Camel(IReadOnlyList<string> words) => words[0] + string.Concat(words.Skip(1).Select(Capital));

    /// <summary>CreateRevision.</summary>
    public static string Pascal(string name) => string.Concat(Words(name).Select(Capital));

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
