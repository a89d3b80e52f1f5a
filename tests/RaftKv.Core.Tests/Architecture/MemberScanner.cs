using System.Text.RegularExpressions;

namespace RaftKv.Core.Tests.Architecture;

/// <summary>A braced member of a type: a method, constructor, property or accessor block, with its place.</summary>
/// <param name="FirstLine">From 1; the line where the header begins.</param>
internal sealed record MemberBlock(string Header, int FirstLine, int LineCount);

/// <summary>A type declaration as written in one file; a partial type has several.</summary>
internal sealed record TypeDeclaration(string Name, string Keyword, IReadOnlyList<string> Modifiers, int Line);

/// <summary>Finds types and their members by braces.</summary>
internal sealed partial class MemberScanner
{
    private readonly Stack<Block> _open = new();
    private readonly List<MemberBlock> _members = [];
    private readonly List<TypeDeclaration> _types = [];

    private enum Kind
    {
        Namespace,
        Type,
        Member,
        Inner,
    }

    /// <summary>Scans a file's text.</summary>
    public static (IReadOnlyList<TypeDeclaration> Types, IReadOnlyList<MemberBlock> Members) Scan(string source)
    {
        var scanner = new MemberScanner();
        scanner.Run(CodeText.Of(source));
        return (scanner._types, scanner._members);
    }

    private void Run(string code)
    {
        int headerStart = 0;
        int parens = 0;
        for (int i = 0; i < code.Length; i++)
        {
            char c = code[i];
            parens += c is '(' or '[' ? 1 : c is ')' or ']' ? -1 : 0;
            if (c == '{')
            {
                Open(code, headerStart, i);
                headerStart = i + 1;
            }
            else if (c == '}')
            {
                Close(code, i);
                headerStart = i + 1;
            }
            else if (c == ';' && parens == 0)
            {
                Bodyless(code, headerStart, i);
                headerStart = i + 1;
            }
        }
    }

    private void Open(string code, int headerStart, int brace)
    {
        string raw = code[headerStart..brace];
        int start = headerStart + (raw.Length - raw.TrimStart().Length);
        string header = Spaces().Replace(raw.Trim(), " ");
        Kind parent = _open.Count == 0 ? Kind.Namespace : _open.Peek().Kind;
        Kind kind = parent is Kind.Member or Kind.Inner ? Kind.Inner : KindOf(header, parent);
        if (kind == Kind.Type)
        {
            AddType(header, LineAt(code, start));
        }

        _open.Push(new Block(kind, header, start));
    }

    private void Close(string code, int brace)
    {
        if (_open.Count == 0)
        {
            return;
        }

        Block block = _open.Pop();
        if (block.Kind == Kind.Member)
        {
            int first = LineAt(code, block.Start);
            _members.Add(new MemberBlock(block.Header, first, LineAt(code, brace) - first + 1));
        }
    }

    private void Bodyless(string code, int headerStart, int semicolon)
    {
        if (_open.Count == 0 || _open.Peek().Kind is Kind.Namespace or Kind.Type)
        {
            string raw = code[headerStart..semicolon];
            string header = Spaces().Replace(raw.Trim(), " ");
            if (TypeHeader().IsMatch(WithoutConstraints(header)) && !header.Contains('=', StringComparison.Ordinal))
            {
                AddType(header, LineAt(code, headerStart + (raw.Length - raw.TrimStart().Length)));
            }
        }
    }

    private void AddType(string header, int line)
    {
        Match match = TypeHeader().Match(WithoutConstraints(header));
        _types.Add(new TypeDeclaration(
            match.Groups["name"].Value,
            Spaces().Replace(match.Groups["keyword"].Value, " "),
            match.Groups["modifiers"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            line));
    }

    private static Kind KindOf(string header, Kind parent)
    {
        if (TypeHeader().IsMatch(WithoutConstraints(header)))
        {
            return Kind.Type;
        }

        if (parent == Kind.Namespace)
        {
            return Kind.Namespace;
        }

        return IsInitializer(header) ? Kind.Inner : Kind.Member;
    }

    /// <summary>
    /// True for `X table = new() {`: data, not code. Equal signs inside brackets are default values and arguments.
    /// </summary>
    private static bool IsInitializer(string header)
    {
        int depth = 0;
        for (int i = 0; i < header.Length; i++)
        {
            depth += header[i] is '(' or '[' ? 1 : header[i] is ')' or ']' ? -1 : 0;
            if (depth == 0 && header[i] == '=')
            {
                return i + 1 >= header.Length || header[i + 1] != '>';
            }
        }

        return false;
    }

    private static string WithoutConstraints(string header)
    {
        int where = header.IndexOf(" where ", StringComparison.Ordinal);
        return where < 0 ? header : header[..where];
    }

    private static int LineAt(string code, int position) => code.AsSpan(0, Math.Min(position, code.Length)).Count('\n') + 1;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(
        @"^(?:\[.*\]\s*)?" +
        @"(?<modifiers>(?:(?:public|internal|private|protected|file|sealed|static|abstract|partial|readonly|ref|unsafe|new)\s+)*)" +
        @"(?<keyword>class|struct|interface|enum|record\s+struct|record\s+class|record|extension)\b\s*(?<name>\w*)")]
    private static partial Regex TypeHeader();

    private readonly record struct Block(Kind Kind, string Header, int Start);
}
