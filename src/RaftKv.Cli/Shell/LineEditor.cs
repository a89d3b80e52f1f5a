namespace RaftKv.Cli.Shell;

/// <summary>
/// Reads a line from a terminal: arrows, Home and End, history with up and down, completion with Tab, Ctrl+C to drop the
/// line and Ctrl+D to leave.
/// </summary>
/// <param name="complete">What may stand at the cursor, for a line and a place in it.</param>
/// <param name="columns">How wide the terminal is now; 0 or less when nobody knows.</param>
internal sealed class LineEditor(
    TextWriter output, History history, Func<string, int, IReadOnlyList<string>> complete, Func<int> columns)
{
    private string _text = "";
    private int _cursor;
    private int _place;
    private string _prompt = "";

    // Rows from the one of the prompt to the one of the cursor, as it was drawn last: a long line takes several.
    private int _row;

    /// <summary>Null when the user leaves.</summary>
    /// <param name="readKey">Where keys come from.</param>
    public string? Read(string prompt, Func<ConsoleKeyInfo> readKey)
    {
        (_prompt, _text, _cursor, _place, _row) = (prompt, "", 0, history.Count, 0);
        Draw();
        while (true)
        {
            ConsoleKeyInfo key = readKey();
            bool isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    EndLine("");
                    history.Add(_text);
                    return _text;
                case ConsoleKey.D when isControl && _text.Length == 0:
                    EndLine("");
                    return null;
                case ConsoleKey.C when isControl:
                    EndLine("^C");
                    (_text, _cursor, _place) = ("", 0, history.Count);
                    break;
                case ConsoleKey.Tab:
                    Complete();
                    break;
                default:
                    Edit(key, isControl);
                    break;
            }

            Draw();
        }
    }

    private void Edit(ConsoleKeyInfo key, bool isControl)
    {
        switch (key.Key)
        {
            case ConsoleKey.Backspace when _cursor > 0:
                _text = _text.Remove(--_cursor, 1);
                break;
            case ConsoleKey.Delete when _cursor < _text.Length:
                _text = _text.Remove(_cursor, 1);
                break;
            case ConsoleKey.LeftArrow:
                _cursor = Math.Max(0, _cursor - 1);
                break;
            case ConsoleKey.RightArrow:
                _cursor = Math.Min(_text.Length, _cursor + 1);
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when isControl:
                _cursor = 0;
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when isControl:
                _cursor = _text.Length;
                break;
            case ConsoleKey.U when isControl:
                (_text, _cursor) = (_text[_cursor..], 0);
                break;
            case ConsoleKey.UpArrow:
                Recall(_place - 1);
                break;
            case ConsoleKey.DownArrow:
                Recall(_place + 1);
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _text = _text.Insert(_cursor++, key.KeyChar.ToString());
                }

                break;
        }
    }

    private void Recall(int place)
    {
        if (place >= 0 && place <= history.Count)
        {
            _place = place;
            _text = place == history.Count ? "" : history[place];
            _cursor = _text.Length;
        }
    }

    // One fit is put in; several are shown, after what they have in common.
    private void Complete()
    {
        int start = _cursor;
        while (start > 0 && !char.IsWhiteSpace(_text[start - 1]))
        {
            start--;
        }

        string word = _text[start.._cursor];
        string[] fits = [.. complete(_text, _cursor).Where(fit => fit.StartsWith(word, StringComparison.Ordinal)).Distinct()];
        if (fits.Length == 0)
        {
            return;
        }

        string common = fits.Aggregate(static (one, other) =>
            one[..one.Zip(other).TakeWhile(static pair => pair.First == pair.Second).Count()]);
        if (fits.Length > 1 && common == word)
        {
            int place = _cursor;
            EndLine("");
            output.WriteLine(string.Join("  ", fits));
            _cursor = place;
        }

        string put = fits.Length == 1 ? common + " " : common;
        _text = _text[..start] + put + _text[_cursor..];
        _cursor = start + put.Length;
    }

    // What comes next stands below the whole line, wherever the cursor was in it.
    private void EndLine(string mark)
    {
        _cursor = _text.Length;
        Draw();
        output.WriteLine(mark);
        _row = 0;
    }

    // The line is drawn anew each time, from the prompt's row on, and the cursor put back to its place.
    private void Draw()
    {
        int width = columns() is > 0 and var known ? known : int.MaxValue;
        output.Write(_row > 0 ? $"\u001b[{_row}A\r\u001b[J{_prompt}{_text}" : $"\r\u001b[J{_prompt}{_text}");
        int end = _prompt.Length + _text.Length;
        int at = _prompt.Length + _cursor;
        if (end % width == 0)
        {
            // A terminal stays in a row that is just full until something more comes.
            output.Write("\r\n");
        }

        _row = at / width;
        int up = (end / width) - _row;
        output.Write((up > 0 ? $"\u001b[{up}A" : "") + "\r" + (at % width > 0 ? $"\u001b[{at % width}C" : ""));
        output.Flush();
    }
}
