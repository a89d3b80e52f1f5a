using System.Globalization;
using System.Text;

namespace RaftKv.Doors.JsonGateway.Json;

/// <summary>
/// Parses one JSON value and says of a bad one what Go's encoding/json says: the gateway's clients see that text.
/// </summary>
internal ref struct GoJsonParser
{
    private const int MaxDepth = 256;

    private readonly ReadOnlySpan<byte> _text;
    private int _at;
    private int _depth;

    public GoJsonParser(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>The first value of the text; what follows it is not looked at. Null when there is nothing but space.</summary>
    public GoJsonValue? ParseFirst()
    {
        SkipSpace();
        return _at == _text.Length ? null : ParseValue();
    }

    /// <summary>The value of a text that has nothing else.</summary>
    public GoJsonValue? ParseOnly()
    {
        GoJsonValue? value = ParseFirst();
        SkipSpace();
        return _at == _text.Length ? value : throw Invalid(_text[_at], "after top-level value");
    }

    /// <summary>A character as Go quotes it in its errors.</summary>
    internal static string Quote(byte c) => c switch
    {
        (byte)'\'' => @"'\''",
        (byte)'"' => "'\"'",
        (byte)'\\' => @"'\\'",
        (byte)'\n' => @"'\n'",
        (byte)'\r' => @"'\r'",
        (byte)'\t' => @"'\t'",
        < 0x20 or 0x7F => string.Create(CultureInfo.InvariantCulture, $"'\\x{c:x2}'"),
        < 0x80 => $"'{(char)c}'",
        < 0xA0 or 0xAD => string.Create(CultureInfo.InvariantCulture, $"'\\u{(int)c:x4}'"),
        _ => $"'{(char)c}'",
    };

    private GoJsonValue ParseValue()
    {
        byte c = Peek();
        switch (c)
        {
            case (byte)'{':
                return ParseObject();
            case (byte)'[':
                return ParseArray();
            case (byte)'"':
                return new GoJsonValue { Kind = GoJsonKind.String, Text = ParseString() };
            case (byte)'t':
                ParseLiteral("true");
                return new GoJsonValue { Kind = GoJsonKind.True };
            case (byte)'f':
                ParseLiteral("false");
                return new GoJsonValue { Kind = GoJsonKind.False };
            case (byte)'n':
                ParseLiteral("null");
                return new GoJsonValue { Kind = GoJsonKind.Null };
            case (byte)'-':
            case >= (byte)'0' and <= (byte)'9':
                return new GoJsonValue { Kind = GoJsonKind.Number, Text = ParseNumber() };
            default:
                throw Invalid(c, "looking for beginning of value");
        }
    }

    private GoJsonValue ParseObject()
    {
        Enter();
        var value = new GoJsonValue { Kind = GoJsonKind.Object };
        _at++;
        if (PeekPastSpace() == '}')
        {
            return Leave(value);
        }

        while (true)
        {
            byte c = PeekPastSpace();
            if (c != '"')
            {
                throw Invalid(c, "looking for beginning of object key string");
            }

            string name = ParseString();
            Expect((byte)':', "after object key");
            PeekPastSpace();
            value.Members[name] = ParseValue();
            c = PeekPastSpace();
            if (c == '}')
            {
                return Leave(value);
            }

            Expect((byte)',', "after object key:value pair");
        }
    }

    private GoJsonValue ParseArray()
    {
        Enter();
        var value = new GoJsonValue { Kind = GoJsonKind.Array };
        _at++;
        if (PeekPastSpace() == ']')
        {
            return Leave(value);
        }

        while (true)
        {
            PeekPastSpace();
            value.Items.Add(ParseValue());
            if (PeekPastSpace() == ']')
            {
                return Leave(value);
            }

            Expect((byte)',', "after array element");
        }
    }

    private string ParseString()
    {
        _at++;
        int start = _at;
        var escaped = new StringBuilder();
        while (true)
        {
            byte c = Peek();
            if (c == '"')
            {
                escaped.Append(Encoding.UTF8.GetString(_text[start.._at]));
                _at++;
                return escaped.ToString();
            }

            if (c < 0x20)
            {
                throw Invalid(c, "in string literal");
            }

            if (c != '\\')
            {
                _at++;
                continue;
            }

            escaped.Append(Encoding.UTF8.GetString(_text[start.._at]));
            _at++;
            escaped.Append(ParseEscape());
            start = _at;
        }
    }

    private char ParseEscape()
    {
        byte c = Peek();
        _at++;
        switch (c)
        {
            case (byte)'b':
                return '\b';
            case (byte)'f':
                return '\f';
            case (byte)'n':
                return '\n';
            case (byte)'r':
                return '\r';
            case (byte)'t':
                return '\t';
            case (byte)'\\' or (byte)'/' or (byte)'"':
                return (char)c;
            case (byte)'u':
                return ParseHex();
            default:
                throw Invalid(c, "in string escape code");
        }
    }

    private char ParseHex()
    {
        int code = 0;
        for (int i = 0; i < 4; i++)
        {
            byte c = Peek();
            if (!char.IsAsciiHexDigit((char)c))
            {
                throw Invalid(c, @"in \u hexadecimal character escape");
            }

            code = (code << 4) | Convert.ToInt32(((char)c).ToString(), 16);
            _at++;
        }

        return (char)code;
    }

    private string ParseNumber()
    {
        int start = _at;
        if (_text[_at] == '-')
        {
            _at++;
            if (!char.IsAsciiDigit((char)Peek()))
            {
                throw Invalid(Peek(), "in numeric literal");
            }
        }

        if (_text[_at] == '0')
        {
            _at++;
        }
        else
        {
            SkipDigits();
        }

        if (_at < _text.Length && _text[_at] == '.')
        {
            _at++;
            RequireDigit("after decimal point in numeric literal");
            SkipDigits();
        }

        if (_at < _text.Length && _text[_at] is (byte)'e' or (byte)'E')
        {
            _at++;
            if (Peek() is (byte)'+' or (byte)'-')
            {
                _at++;
            }

            RequireDigit("in exponent of numeric literal");
            SkipDigits();
        }

        return Encoding.ASCII.GetString(_text[start.._at]);
    }

    private void RequireDigit(string where)
    {
        if (!char.IsAsciiDigit((char)Peek()))
        {
            throw Invalid(Peek(), where);
        }
    }

    private void SkipDigits()
    {
        while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at]))
        {
            _at++;
        }
    }

    private void ParseLiteral(string literal)
    {
        for (int i = 0; i < literal.Length; i++)
        {
            byte c = Peek();
            if (c != literal[i])
            {
                throw Invalid(c, $"in literal {literal} (expecting '{literal[i]}')");
            }

            _at++;
        }
    }

    private void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw new GoJsonException("exceeded max depth");
        }
    }

    private GoJsonValue Leave(GoJsonValue value)
    {
        _depth--;
        _at++;
        return value;
    }

    private void Expect(byte expected, string where)
    {
        byte c = PeekPastSpace();
        if (c != expected)
        {
            throw Invalid(c, where);
        }

        _at++;
    }

    private byte PeekPastSpace()
    {
        SkipSpace();
        return Peek();
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _at++;
        }
    }

    private readonly byte Peek() => _at < _text.Length ? _text[_at] : throw new GoJsonException("unexpected EOF");

    private static GoJsonException Invalid(byte c, string where) => new($"invalid character {Quote(c)} {where}");
}
