namespace RaftKv.Core.Tests.Architecture;

/// <summary>
/// A C# file without its comments and the contents of its strings: blanks stand in their place, so that lines and
/// columns stay.
/// Not a parser: it knows the forms of comments and literals, which is what the rules need in order to look at code
/// only.
/// </summary>
internal sealed class CodeText
{
    private readonly string _source;
    private readonly char[] _code;
    private int _at;

    private CodeText(string source)
    {
        _source = source;
        _code = source.ToCharArray();
    }

    /// <summary>The code alone; newlines are kept.</summary>
    public static string Of(string source)
    {
        var text = new CodeText(source);
        text.Run(endsAtBrace: false);
        return new string(text._code);
    }

    private char Peek(int ahead = 0) => _at + ahead < _source.Length ? _source[_at + ahead] : '\0';

    private void Run(bool endsAtBrace)
    {
        int depth = 0;
        while (_at < _source.Length)
        {
            char c = Peek();
            if (endsAtBrace && c == '}' && depth == 0)
            {
                return;
            }

            if (c == '/' && Peek(1) == '/')
            {
                BlankUntil(() => Peek() == '\n');
            }
            else if (c == '/' && Peek(1) == '*')
            {
                Blank(2);
                BlankUntil(() => Peek() == '*' && Peek(1) == '/');
                Blank(2);
            }
            else if (c == '\'')
            {
                CharLiteral();
            }
            else if (IsStringStart(out int prefix))
            {
                StringLiteral(prefix);
            }
            else
            {
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                _at++;
            }
        }
    }

    private bool IsStringStart(out int prefixLength)
    {
        prefixLength = 0;
        while (Peek(prefixLength) is '$' or '@')
        {
            prefixLength++;
        }

        return Peek(prefixLength) == '"';
    }

    private void StringLiteral(int prefixLength)
    {
        string prefix = _source.Substring(_at, prefixLength);
        int quotes = 0;
        while (Peek(prefixLength + quotes) == '"')
        {
            quotes++;
        }

        if (quotes >= 3)
        {
            Blank(prefixLength + quotes);
            string end = new('"', quotes);
            BlankUntil(() => string.CompareOrdinal(_source, _at, end, 0, quotes) == 0);
            Blank(quotes);
            return;
        }

        bool isVerbatim = prefix.Contains('@', StringComparison.Ordinal);
        bool isInterpolated = prefix.Contains('$', StringComparison.Ordinal);
        Blank(prefixLength + 1);
        Quoted(isVerbatim, isInterpolated);
    }

    private void Quoted(bool isVerbatim, bool isInterpolated)
    {
        while (_at < _source.Length)
        {
            char c = Peek();
            bool isPair = (isVerbatim && c == '"' && Peek(1) == '"') || (isInterpolated && c == '{' && Peek(1) == '{');
            if (isPair || (!isVerbatim && c == '\\'))
            {
                Blank(2);
            }
            else if (c == '"' || (c == '\n' && !isVerbatim))
            {
                Blank(1);
                return;
            }
            else if (isInterpolated && c == '{')
            {
                Blank(1);
                Run(endsAtBrace: true);
                Blank(1);
            }
            else
            {
                Blank(1);
            }
        }
    }

    private void CharLiteral()
    {
        Blank(1);
        while (_at < _source.Length && Peek() is not ('\'' or '\n'))
        {
            Blank(Peek() == '\\' ? 2 : 1);
        }

        Blank(1);
    }

    private void BlankUntil(Func<bool> isEnd)
    {
        while (_at < _source.Length && !isEnd())
        {
            Blank(1);
        }
    }

    private void Blank(int count)
    {
        for (int i = 0; i < count && _at < _source.Length; i++, _at++)
        {
            if (_source[_at] is not ('\n' or '\r'))
            {
                _code[_at] = ' ';
            }
        }
    }
}
