using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>
/// Renders Helm's templates, as far as the chart uses them: so the chart can be seen through where there is no helm. Anything else is an
/// error, never ignored.
/// </summary>
internal sealed partial class GoTemplate
{
    private readonly Dictionary<string, Block> _defined = new(StringComparer.Ordinal);
    private readonly TemplateFunctions _functions;

    public GoTemplate() => _functions = new TemplateFunctions(Include);

    /// <summary>Takes the definitions of a file, and gives what else stands in it.</summary>
    public Block Parse(string text)
    {
        var tokens = new Queue<(bool IsAction, string Text)>(Split(text));
        Block block = ParseBlock(tokens, out string end);
        return end.Length == 0 ? block : throw new FormatException($"{end} ends nothing.");
    }

    /// <summary>Renders with these values as the dot.</summary>
    public string Render(Block block, JsonNode root)
    {
        var output = new StringBuilder();
        block.Render(new TemplateScope(root, _functions), output);
        return output.ToString();
    }

    private string Include(string name, JsonNode? dot) => Render(
        _defined.TryGetValue(name, out Block? block) ? block : throw new FormatException($"No template is called {name}."),
        dot ?? throw new FormatException($"{name} is included with nothing."));

    // A dash in the braces takes the white space on its side away.
    private static IEnumerable<(bool IsAction, string Text)> Split(string text)
    {
        int at = 0;
        bool trims = false;
        foreach (Match action in Action().Matches(text))
        {
            string before = text[at..action.Index];
            before = trims ? before.TrimStart() : before;
            yield return (false, action.Groups["left"].Success ? before.TrimEnd() : before);
            yield return (true, action.Groups["code"].Value.Trim());
            trims = action.Groups["right"].Success;
            at = action.Index + action.Length;
        }

        yield return (false, trims ? text[at..].TrimStart() : text[at..]);
    }

    private Block ParseBlock(Queue<(bool IsAction, string Text)> tokens, out string end)
    {
        var block = new Block();
        while (tokens.TryDequeue(out (bool IsAction, string Text) token))
        {
            if (!token.IsAction)
            {
                block.Parts.Add(new TextPart(token.Text));
            }
            else if (token.Text == "end" || token.Text.StartsWith("else", StringComparison.Ordinal))
            {
                end = token.Text;
                return block;
            }
            else if (!token.Text.StartsWith("/*", StringComparison.Ordinal))
            {
                AddAction(block, token.Text, tokens);
            }
        }

        end = "";
        return block;
    }

    private void AddAction(Block block, string code, Queue<(bool IsAction, string Text)> tokens)
    {
        string word = code.Split(' ')[0];
        string rest = code[word.Length..].Trim();
        switch (word)
        {
            case "define":
                _defined.Add(rest.Trim('"'), Inner(tokens));
                break;
            case "if":
                block.Parts.Add(ParseIf(rest, tokens));
                break;
            case "with":
                block.Parts.Add(new WithPart(TemplateExpression.Parse(rest), Inner(tokens)));
                break;
            case "range":
                Match range = Range().Match(rest);
                var over = TemplateExpression.Parse(range.Groups["over"].Value);
                block.Parts.Add(new RangePart(range.Groups["key"].Value, range.Groups["value"].Value, over, Inner(tokens)));
                break;
            default:
                block.Parts.Add(Assignment().Match(code) is { Success: true } assignment
                    ? new AssignPart(
                        assignment.Groups["name"].Value,
                        assignment.Groups["new"].Success,
                        TemplateExpression.Parse(assignment.Groups["value"].Value))
                    : new ShowPart(TemplateExpression.Parse(code)));
                break;
        }
    }

    private IfPart ParseIf(string condition, Queue<(bool IsAction, string Text)> tokens)
    {
        Block then = ParseBlock(tokens, out string end);
        Block otherwise = new();
        if (end.StartsWith("else if ", StringComparison.Ordinal))
        {
            otherwise.Parts.Add(ParseIf(end["else if ".Length..], tokens));
        }
        else if (end == "else")
        {
            otherwise = Inner(tokens);
        }
        else if (end != "end")
        {
            throw new FormatException($"The if of {condition} has no end.");
        }

        return new IfPart(TemplateExpression.Parse(condition), then, otherwise);
    }

    private Block Inner(Queue<(bool IsAction, string Text)> tokens)
    {
        Block block = ParseBlock(tokens, out string end);
        return end == "end" ? block : throw new FormatException($"A block ends with \"{end}\".");
    }

    /// <summary>Text as Helm shows it.</summary>
    public static string Show(JsonNode? value) => value switch
    {
        null => "",
        JsonValue one when one.TryGetValue(out string? text) => text,
        JsonValue one when one.TryGetValue(out bool flag) => flag ? "true" : "false",
        JsonValue one => string.Create(CultureInfo.InvariantCulture, $"{one}"),
        _ => throw new FormatException($"{value.ToJsonString()} is shown as it is; it needs toYaml."),
    };

    [GeneratedRegex(@"\{\{(?<left>-(?=\s))?(?<code>.*?)(?<right>(?<=\s)-)?\}\}", RegexOptions.Singleline)]
    private static partial Regex Action();

    [GeneratedRegex(@"^(?:(?:\$(?<key>\w+)\s*,\s*)?\$(?<value>\w+)\s*:=\s*)?(?<over>.*)$", RegexOptions.Singleline)]
    private static partial Regex Range();

    [GeneratedRegex(@"^\$(?<name>\w+)\s*(?<new>:)?=\s*(?<value>.*)$", RegexOptions.Singleline)]
    private static partial Regex Assignment();
}
